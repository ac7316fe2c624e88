import { spawn } from 'node:child_process'
import { AntemortemError } from '../core/error.ts'
import type { LabPlace } from './lab-directory.ts'

/**
 * Waits for our end without asking: our death closes its standard input, whatever killed us, and it lies in a session of
 * its own, so that a killed process group does not take it along. A word instead of the end sends it home.
 *
 * The postmaster's file names its process, and the process its directory: an old number that now belongs to somebody else
 * is left alone. A server that was just being started has no such file yet, so it looks until all is quiet; one that
 * comes later still finds its directory gone, and ends by itself.
 */
const script = `
trap '' HUP INT TERM QUIT
read -r word && exit 0
dir=$1
serves() {
  if [ -r "/proc/$1/cmdline" ]; then tr '\\0' ' ' <"/proc/$1/cmdline"; else ps -o args= -p "$1"; fi 2>/dev/null | grep -qF -- "$dir/"
}
round=0
quiet=0
while [ -d "$dir" ] && [ $round -lt 80 ] && [ $quiet -lt 5 ]; do
  quiet=$((quiet + 1))
  for file in "$dir"/*/postmaster.pid; do
    [ -f "$file" ] && read -r pid <"$file" && [ "$pid" -gt 1 ] 2>/dev/null && serves "$pid" || continue
    quiet=0
    if [ $round -lt 30 ]; then kill -QUIT "$pid"; else kill -KILL "$pid"; fi
    kill -CONT "$pid"
  done
  round=$((round + 1))
  sleep 0.05
done 2>/dev/null
[ -n "$2" ] && [ "$(readlink "$2" 2>/dev/null)" = "$dir" ] && rm -f -- "$2"
for again in 1 2 3 4 5; do
  rm -rf -- "$dir" && break
  sleep 0.2
done
`

/** What outlives us to take a directory and the servers below it away. */
export interface Keeper {
  /** It is no longer needed: the directory is gone, or stays on purpose. */
  release(): Promise<void>
  /** As if we had died: for when it is not known what runs. */
  clear(): Promise<void>
}

/** Starts the keeper of a directory and of the link to it, before the first server below it starts. */
export async function keep({ dir, link = '' }: LabPlace): Promise<Keeper> {
  const child = spawn('sh', ['-c', script, 'antemortem-keeper', dir, link], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => {
      reject(
        new AntemortemError('lab-no-shell', 'a lab needs a POSIX shell to be cleared away', 'Install sh.', { cause }),
      )
    })
  })
  // Neither the process nor the pipe may keep us alive.
  child.unref()
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  child.stdin.on('error', () => undefined)
  return {
    async release() {
      child.ref()
      child.stdin.end('done\n')
      await ended
    },
    async clear() {
      child.ref()
      child.stdin.end()
      await ended
    },
  }
}
