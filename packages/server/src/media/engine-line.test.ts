import { expect, test } from 'vitest';
import { levelOfEngineError } from './engine-line.ts';

const notFound = (what: string, method: string) =>
  `[pid:10287] RTC::Transport::AssertAndGet${what}ById() | throwing MediaSoupNotFoundError: ${what} not found [method:${method}]`;

test.each([
  notFound('Consumer', 'transport.closeConsumer'),
  notFound('Producer', 'transport.closeProducer'),
  notFound('Transport', 'router.closeTransport'),
  notFound('Router', 'worker.closeRouter'),
])('closing what is gone is no warning: %s', (line) => {
  expect(levelOfEngineError(line)).toBe('debug');
});

test('neither is that an estimate is raised to what is sent at the least', () => {
  const line =
    '[pid:1] webrtc::GoogCcNetworkController::ClampConstraints() | start bitrate smaller than min bitrate [starting_rate_:80000, min_data_rate_:700000]';
  expect(levelOfEngineError(line)).toBe('debug');
});

test('neither is that a worker ends because its channel was closed', () => {
  const line = '(stderr) Worker::OnChannelClosed() | channel remotely closed, closing myself';
  expect(levelOfEngineError(line)).toBe('debug');
});

test.each([
  notFound('Consumer', 'consumer.pause'),
  notFound('Producer', 'transport.consume'),
  '[pid:1] RTC::DtlsTransport::OnSslInfo() | the handshake failed',
  '[pid:1] throwing MediaSoupError: no such thing [method:transport.closeConsumer]',
])('anything else is one: %s', (line) => {
  expect(levelOfEngineError(line)).toBe('warn');
});
