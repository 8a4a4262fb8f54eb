#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { chaos } = await import('./lib/chaos.mjs');
process.exitCode = await reportRefusal(() => chaos(process.argv.slice(2)));
