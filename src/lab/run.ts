import { spawn } from 'node:child_process'
import type { Owner } from './owner.ts'

/** What a server or initdb sees of our environment: a PGOPTIONS or PGPASSFILE of the user would reach its walreceiver. */
export const serverEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
}

/** Runs a program to its end; its output is in the error when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  owner: Owner = null,
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...owner,
      ...(signal === undefined ? {} : { signal }),
      // The owner may not be allowed into our own working directory.
      cwd: '/',
      env: serverEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ended with ${code}: ${(stderr || stdout).trim()}`))
    })
  })
}
