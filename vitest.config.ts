import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { hasMemoryRoom, memoryDirectory } from './src/lab/memory.ts'

/**
 * Where the labs of tests lie. They make and remove thousands of files a minute, and a file system without a journal (ext4
 * in many a virtual machine) passes over every inode that was freed in the last five minutes, one by one, whenever it makes
 * a file: that was half of what all tests cost.
 */
function temporaryDirectory(): string {
  // All that two workers held at once was 0.8 GB.
  const needed = 2 * 1024 ** 3
  if (process.env['TMPDIR'] !== undefined || !hasMemoryRoom({ freeBytes: needed, memoryBytes: 2 * needed }))
    return tmpdir()
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[1] === memoryDirectory)
  // In a container often nothing in it may be run.
  return mount === undefined || /\bnoexec\b/.test(mount) ? tmpdir() : memoryDirectory
}

const env = {
  TMPDIR: temporaryDirectory(),
  // As on a user's machine: only the first start of the program compiles it. Tests with a TMPDIR of their own pass it on.
  NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
}

/** Where nothing has been measured yet, as after a checkout, a long file that begins last keeps one worker waiting for the other. */
const longest = [
  'test/wrong-input/ends.lab.test.ts',
  'src/gate/rehearse.lab.test.ts',
  'src/drills/run.lab.test.ts',
  'test/package.lab.test.ts',
  'src/repair/crash.lab.test.ts',
  'src/rows/compare-table.lab.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification): number =>
      (longest.findIndex((name) => moduleId.endsWith(`/${name}`)) + longest.length + 1) % (longest.length + 1)
    return sorted.toSorted((a, b) => place(a) - place(b))
  }
}

/** Two projects under one command: pure tests share a process, lab tests get one throw-away topology a worker. */
export default defineConfig({
  test: {
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'script/**/*.test.ts'],
          exclude: ['**/*.lab.test.ts'],
          isolate: false,
          testTimeout: 20_000,
          env,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['src/**/*.lab.test.ts', 'test/**/*.lab.test.ts'],
          isolate: false,
          testTimeout: 90_000,
          // Real servers on a busy machine: once may be the machine's. script/test names each that needed it.
          retry: 1,
          hookTimeout: 120_000,
          env,
        },
      },
    ],
  },
})
