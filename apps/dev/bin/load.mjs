#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { program } = await import('./lib/program.mjs');
process.exitCode = await reportRefusal(() => program('load/main.ts', process.argv.slice(2), []));
