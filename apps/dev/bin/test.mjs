#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { test } = await import('./lib/test.mjs');
process.exitCode = await reportRefusal(test);
