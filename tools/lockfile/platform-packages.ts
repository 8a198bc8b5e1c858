/** One entry of `packages` in package-lock.json, as far as it is used here. */
interface LockEntry {
  version?: string;
  dev?: boolean;
  license?: string;
  engines?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  cpu?: string[];
  libc?: string[];
  os?: string[];
  optional?: boolean;
}

/** The `packages` of package-lock.json. */
export type LockPackages = Record<string, LockEntry>;

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/**
 * Entries for the platform packages that others name as optional but that have none of their own.
 *
 * npm leaves them out when the registry in use does not serve them, and `npm ci` then refuses the lock file. Operating system,
 * processor and C library are read from the package's name.
 * @throws Error when a name does not tell its platform, or the wanted version is not an exact one.
 */
export function missingPlatformPackages(packages: LockPackages): LockPackages {
  const missing: LockPackages = {};
  const present = new Set(Object.keys(packages).map((place) => place.replace(/^.*node_modules\//, '')));
  for (const parent of Object.values(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (present.has(name)) continue;
      missing[`node_modules/${name}`] = platformEntry(name, version, parent);
    }
  }
  return missing;
}

function platformEntry(name: string, version: string, parent: LockEntry): LockEntry {
  const words = name.split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1 || !/^\d/.test(version)) {
    throw new Error(
      `${name}@${version} does not look like a package for one platform: complete package-lock.json by hand`,
    );
  }
  const libc = libcOf(words);
  return {
    version,
    cpu,
    ...(parent.dev === true && { dev: true }),
    ...(libc !== undefined && { libc: [libc] }),
    ...(parent.license !== undefined && { license: parent.license }),
    optional: true,
    os,
    ...(parent.engines !== undefined && { engines: parent.engines }),
  };
}

function libcOf(words: readonly string[]): string | undefined {
  if (words.some((word) => word.startsWith('musl'))) return 'musl';
  return words.some((word) => word.startsWith('gnu')) ? 'glibc' : undefined;
}
