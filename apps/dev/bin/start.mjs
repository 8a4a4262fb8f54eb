#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { start } = await import('./lib/start.mjs');
process.exitCode = await reportRefusal(() => start(process.argv.slice(2), process.env));
