import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { isDebian, readDistribution } from './os-release.ts';
import { onPath } from './program.ts';
import { SetupError } from './setup-error.ts';

/** Something of the system that a step needs. */
export interface Requirement {
  /** The Debian package that has it. */
  debian: string;
  isPresent: () => boolean;
}

/** What the build of the media worker needs. */
export const buildRequirements: readonly Requirement[] = [
  program('meson', 'meson'),
  program('ninja-build', 'ninja'),
  program('pkg-config', 'pkg-config'),
  program('g++', 'c++'),
  program('flatbuffers-compiler', 'flatc'),
  library('libssl-dev', 'openssl'),
  library('libuv1-dev', 'libuv'),
  library('libsrtp2-dev', 'libsrtp2'),
  library('libabsl-dev', 'absl_flat_hash_map'),
  library('libflatbuffers-dev', 'flatbuffers'),
];

/** What the end-to-end tests need: a browser, and what makes bad networks. */
export const testRequirements: readonly Requirement[] = [
  program('chromium', 'chromium'),
  administration('iproute2', 'ip'),
  administration('iptables', 'iptables'),
];

/** What the measurements need: the server that is compared with, and a look at the wire. */
export const benchRequirements: readonly Requirement[] = [
  program('janus', 'janus'),
  program('tcpdump', 'tcpdump'),
  ...testRequirements,
];

/**
 * Makes sure that everything is there; installs what is missing with apt when this is Debian and the user is root.
 * @param purpose what the requirements are for, as the messages say it.
 * @param report takes one line before something is installed.
 * @throws SetupError that names what to install.
 */
export function ensureRequirements(
  requirements: readonly Requirement[],
  purpose: string,
  report: (line: string) => void,
): void {
  const missing = missingPackages(requirements);
  if (missing.length === 0) return;
  if (!isDebian(readDistribution()) || onPath('apt-get') === undefined) {
    throw new SetupError(`more packages are needed for ${purpose}, in Debian's names: ${missing.join(' ')}`);
  }
  const manual = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0)
    throw new SetupError(`more packages are needed for ${purpose}: run \`sudo ${manual}\` and try again`);
  report(`installing for ${purpose}: ${missing.join(' ')}`);
  const failure = install(missing);
  if (failure !== undefined) throw new SetupError(`\`${manual}\` failed:\n${failure}`);
  const still = missingPackages(requirements);
  if (still.length > 0)
    throw new SetupError(`still missing for ${purpose} after their installation: ${still.join(' ')}`);
}

function missingPackages(requirements: readonly Requirement[]): string[] {
  return requirements
    .filter((requirement) => !requirement.isPresent())
    .map((requirement) => requirement.debian);
}

/** The end of apt's output when it failed. */
function install(packages: readonly string[]): string | undefined {
  if (!hasPackageLists()) apt(['update']);
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  if (apt(args) === undefined) return undefined;
  // Lists that are too old name package versions that the mirror has dropped.
  return apt(['update']) ?? apt(args);
}

function apt(args: readonly string[]): string | undefined {
  const { status, output, error } = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return undefined;
  if (error !== undefined) return error.message;
  return output.join('').trim().split('\n').slice(-8).join('\n');
}

function hasPackageLists(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}

function program(debian: string, name: string): Requirement {
  return { debian, isPresent: () => onPath(name) !== undefined };
}

/** A program that Debian has where the `PATH` of a user who is not root does not lead. */
function administration(debian: string, name: string): Requirement {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  return { debian, isPresent: () => onPath(name, env) !== undefined };
}

function library(debian: string, name: string): Requirement {
  return { debian, isPresent: () => spawnSync('pkg-config', ['--exists', name]).status === 0 };
}
