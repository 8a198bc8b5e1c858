import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchPrebuiltWorker, prebuiltName } from './prebuilt-worker.ts';

let folder: string;
let server: http.Server;
let base: string;
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
const mediasoup = { version: '3.27.1', workerSource: '/unused', releases: 'http://127.0.0.1:1/releases' };

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'prebuilt-'));
  server = http.createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function settings(): NodeJS.ProcessEnv {
  return { MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: base };
}

test("the archive's name is the one that mediasoup publishes", () => {
  expect(prebuiltName('3.27.1', 'linux', 'x64', '6.1.0-13-amd64')).toBe(
    'mediasoup-worker-3.27.1-linux-x64-kernel6.tgz',
  );
  expect(prebuiltName('3.27.1', 'darwin', 'arm64', '23.1.0')).toBe(
    'mediasoup-worker-3.27.1-darwin-arm64.tgz',
  );
});

test('the worker is taken out of the published archive', async () => {
  writeFileSync(path.join(folder, 'mediasoup-worker'), 'binary');
  spawnSync('tar', ['-czf', path.join(folder, 'a.tgz'), '-C', folder, 'mediasoup-worker']);
  let asked = '';
  answer = ({ url }, response) => {
    asked = url ?? '';
    response.end(readFileSync(path.join(folder, 'a.tgz')));
  };
  const target = path.join(folder, 'out');
  const fetched = await fetchPrebuiltWorker(mediasoup, target, settings());
  const bin = path.join(target, 'mediasoup-worker');
  expect(fetched).toEqual({ bin });
  expect(asked).toBe(`/3.27.1/${prebuiltName('3.27.1', os.platform(), os.arch(), os.release())}`);
  expect(readFileSync(bin, 'utf8')).toBe('binary');
  expect(statSync(bin).mode & 0o111).toBe(0o111);
});

test('a server without such a worker is a reason, no error', async () => {
  answer = (_, response) => response.writeHead(404).end();
  expect(await fetchPrebuiltWorker(mediasoup, folder, settings())).toEqual({
    reason: `${new URL(base).host} answered 404`,
  });
});

test('something that is no archive is a reason, no error', async () => {
  answer = (_, response) => response.end('<html>');
  const fetched = await fetchPrebuiltWorker(mediasoup, path.join(folder, 'out'), settings());
  expect(fetched).toEqual({ reason: expect.stringContaining('is no archive') });
});

test('a server that does not answer is given up', async () => {
  answer = () => undefined;
  expect(await fetchPrebuiltWorker(mediasoup, folder, settings(), 20)).toEqual({
    reason: `${new URL(base).host} did not answer in time`,
  });
});

test('a server that cannot be reached is a reason, no error', async () => {
  expect(await fetchPrebuiltWorker(mediasoup, folder, {})).toEqual({
    reason: expect.stringContaining('127.0.0.1:1 cannot be reached'),
  });
});

test('the download can be switched off', async () => {
  const env = { ...settings(), MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD: 'true' };
  expect(await fetchPrebuiltWorker(mediasoup, folder, env)).toEqual({
    reason: 'MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set',
  });
});
