/**
 * What following a log costs: megabytes and lines per second from the file to entries, beside `wc -l` and a plain split of the
 * same file in the same run. `node bench/log-tail.ts [megabytes]`. Every tenth message is an error with its detail and statement.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { LogFollower } from '../src/hosts/log/follow.ts'
import { LogReading } from '../src/hosts/log/log-reading.ts'
import type { LogFormat, LogPosition } from '../src/hosts/log/position.ts'

const megabytes = Number(process.argv[2] ?? 64)
const repeats = 3
const now = Date.now()
const stamp = `${new Date(now).toISOString().replace('T', ' ').slice(0, 23)} UTC`
const style = { prefix: '%m [%p] %e %q%u@%d/%a ', zone: 'UTC' }

const stderr = (n: number, isError: boolean): string => {
  const prefix = `${stamp} [${4000 + (n % 50)}] ${isError ? '23505' : '00000'} app@auth/login-${n % 4} `
  return isError
    ? `${prefix}ERROR:  duplicate key value violates unique constraint "users_pkey"\n${prefix}DETAIL:  Key (id)=(${n}) already exists.\n${prefix}STATEMENT:  insert into users\n\tvalues (${n})\n`
    : `${prefix}LOG:  duration: ${n % 1000}.123 ms  statement: select id, md5(password_hash) from users where id = ${n}\n`
}
const csv = (n: number, isError: boolean): string =>
  isError
    ? `${stamp},"app","auth",${n},"127.0.0.1:5",69a.2a,${n},"INSERT",${stamp.slice(0, 19)} UTC,3/1,0,ERROR,23505,"duplicate key value violates unique constraint ""users_pkey""","Key (id)=(${n}) already exists.",,,,,"insert into users\nvalues (${n})",,,"login-1","client backend",,0\n`
    : `${stamp},"app","auth",${n},"127.0.0.1:5",69a.2a,${n},"SELECT",${stamp.slice(0, 19)} UTC,3/1,0,LOG,00000,"duration: 1.123 ms  statement: select id from users where id = ${n}",,,,,,,,,"login-1","client backend",,0\n`
const json = (n: number, isError: boolean): string =>
  `${JSON.stringify({ timestamp: stamp, user: 'app', dbname: 'auth', pid: n, error_severity: isError ? 'ERROR' : 'LOG', state_code: isError ? '23505' : '00000', message: isError ? 'duplicate key value violates unique constraint "users_pkey"' : `duration: 1.123 ms  statement: select id from users where id = ${n}`, ...(isError ? { detail: `Key (id)=(${n}) already exists.`, statement: `insert into users\nvalues (${n})` } : {}), application_name: 'login-1', backend_type: 'client backend' })}\n`

const formats: readonly (readonly [LogFormat, string, (n: number, isError: boolean) => string])[] = [
  ['stderr', 'server.log', stderr],
  ['csvlog', 'server.csv', csv],
  ['jsonlog', 'server.json', json],
]

function fill(path: string, line: (n: number, isError: boolean) => string): void {
  const file = openSync(path, 'w')
  for (let n = 0, size = 0; size < megabytes * 1_048_576;) {
    let text = ''
    for (const end = n + 5000; n < end; n += 1) text += line(n, n % 10 === 0)
    size += writeSync(file, text)
  }
  closeSync(file)
}

/** As the watcher does it, from the beginning of the file; the follower alone would skip a backlog of this size. */
async function follow(path: string): Promise<number> {
  const reading = new LogReading('bench')
  reading.useStyle(style)
  const copy = join(dirname(path), `growing-${basename(path)}`)
  const whole = readFileSync(path)
  const file = openSync(copy, 'w')
  const follower = new LogFollower(copy, null)
  let position: LogPosition | null = null
  let spent = 0
  for (let at = 0; at < whole.length; at += 8_388_608) {
    writeSync(file, whole.subarray(at, at + 8_388_608))
    const startedAt = performance.now()
    for (let more = true; more;) {
      const piece = await follower.read(position)
      if (!piece.ok) throw new Error(piece.why)
      position = piece.value.position
      reading.take(piece.value, { atMs: now, aheadMs: 0, isBacklog: false })
      more = piece.value.more
    }
    spent += performance.now() - startedAt
  }
  reading.settle()
  closeSync(file)
  await follower.close()
  rmSync(copy)
  if (reading.entries(now).length === 0 || reading.problem !== null) throw new Error(reading.problem ?? 'no entries')
  return spent
}

const timed = (work: () => void): number => {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const dir = mkdtempSync(join(tmpdir(), 'bench-log-'))
try {
  console.log(
    'format | lines | MB | follow: lines/s | MB/s | wc -l: MB/s | split: MB/s | follow / wc -l | follow / split',
  )
  console.log('--- | --- | --- | --- | --- | --- | --- | --- | ---')
  for (const [format, name, line] of formats) {
    const path = join(dir, name)
    fill(path, line)
    const size = statSync(path).size / 1_048_576
    const lines = Number(/\d+/.exec(execFileSync('wc', ['-l', path], { encoding: 'utf8' }))?.[0])
    const [followed, counted, split]: [number[], number[], number[]] = [[], [], []]
    for (let n = 0; n < repeats; n += 1) {
      followed.push(await follow(path))
      counted.push(timed(() => execFileSync('wc', ['-l', path])))
      split.push(timed(() => readFileSync(path).toString('utf8').split('\n')))
    }
    const [ours, wc, plain] = [median(followed), median(counted), median(split)]
    const rate = (ms: number): string => (size / (ms / 1000)).toFixed(0)
    const perSecond = Math.round(lines / (ours / 1000))
    console.log(
      [
        format,
        lines,
        size.toFixed(0),
        perSecond,
        rate(ours),
        rate(wc),
        rate(plain),
        (ours / wc).toFixed(1),
        (ours / plain).toFixed(1),
      ].join(' | '),
    )
    rmSync(path)
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
