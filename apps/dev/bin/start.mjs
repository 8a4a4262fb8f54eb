#!/usr/bin/env node
import { requireNode } from './lib/node-version.mjs';

requireNode(20);
const { start } = await import('./lib/start.mjs');
process.exitCode = await start(process.argv.slice(2), process.env);
