/**
 * The other end of a rehearsal: runs in a network and mount namespace of its own, in which there is nothing but the copy. What the
 * command writes into the copied directories goes to memory; all else can only be read.
 */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { notBegun, type InsideOrder } from './inside.ts'

// Written by `rehearseCommand`, which names the file on our command line.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as InsideOrder

try {
  run('ip', 'link', 'set', 'lo', 'up')
  copyDirectories()
  for (const { path, text } of order.files) writeFileSync(path, text)
  for (const socket of order.hidden) run('mount', '--bind', '/dev/null', socket)
  for (const { port, socket } of order.ways) await forward(port, socket)
  process.chdir(order.cwd)
  writeFileSync(order.ready, '')
} catch (error) {
  process.stderr.write(
    `antemortem: the rehearsal cannot be shut off: ${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(notBegun)
}
begin()

function run(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** A writable layer over each, and nothing else that can be written. */
function copyDirectories(): void {
  const sockets = openSync(order.sockets, 'r')
  run('mount', '-t', 'tmpfs', '-o', 'mode=0700', 'tmpfs', order.scratch)
  const scratch = openSync(order.scratch, 'r')
  order.copied.forEach((directory, n) => {
    // By its handle: the scratch directory may lie under one that is copied.
    const place = `/proc/${process.pid}/fd/${scratch}`
    const [upper, work] = [`${place}/upper${n}`, `${place}/work${n}`]
    mkdirSync(upper, { mode: statSync(directory).mode })
    mkdirSync(work)
    const options = `lowerdir=${directory},upperdir=${upper},workdir=${work}`
    try {
      run('mount', '-t', 'overlay', '-o', options, 'overlay', directory)
    } catch {
      // Without the rights of a real root its notes are kept in attributes of users.
      run('mount', '-t', 'overlay', '-o', `${options},userxattr`, 'overlay', directory)
    }
  })
  run('mount', '--no-canonicalize', '--bind', `/proc/${process.pid}/fd/${sockets}`, order.sockets)
  closeSync(sockets)
  closeSync(scratch)
  for (const { place, options } of writableMounts()) run('mount', '-o', ['remount,bind,ro', ...options].join(), place)
}

/** Disks of the host: what is in memory only, or ours, stays as it is. */
function writableMounts(): readonly { readonly place: string; readonly options: readonly string[] }[] {
  const ours = new Set([...order.copied, order.scratch, order.sockets])
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, , , , place = '', options = ''] = line.split(' ')
      const kind = / - (\S+) /.exec(line)?.[1] ?? ''
      const isDisk =
        !/^(?:proc|sysfs|devtmpfs|devpts|tmpfs|mqueue|cgroup2?|securityfs|debugfs|tracefs|bpf|hugetlbfs)$/.test(kind)
      // What somebody else's root has locked must be said again.
      const kept = options.split(',').filter((option) => /^(?:nosuid|nodev|noexec)$/.test(option))
      return isDisk && /^rw\b/.test(options) && !ours.has(place)
        ? [{ place: place.replaceAll('\\040', ' '), options: kept }]
        : []
    })
}

/** The copy listens outside: each connection goes out through a socket in the file system, which no network namespace holds. */
async function forward(port: number, socket: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const out = connect({ path: socket, allowHalfOpen: true })
    client.on('error', () => out.destroy())
    out.on('error', () => client.destroy())
    client.pipe(out).pipe(client)
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1' }, resolve)
  })
}

/** Its end is ours: same code, or same signal. */
function begin(): void {
  const [program, ...rest] = order.words
  const child = spawn(program, rest, { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // The whole group is told: we end when the command has.
  for (const name of signals) process.on(name, () => undefined)
  child.on('error', (error) => {
    process.stderr.write(`antemortem: ${error.message}\n`)
    process.exit(127)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}
