#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { start } = await import('./lib/start.mjs');
// package.json runs this with `exec`: the signals that npm hands on then reach us and not a shell.
process.exitCode = await reportRefusal(() => start(process.argv.slice(2), process.env));
