#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { reportRefusal } = await import('./lib/report-refusal.mjs');
const { check } = await import('./lib/check.mjs');
process.exitCode = await reportRefusal(check);
