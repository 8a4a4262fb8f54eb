#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { suite } = await import('./lib/suite.mjs');
process.exitCode = await reportRefusal(() => suite(process.argv.slice(2)));
