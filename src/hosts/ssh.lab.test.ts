import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { HostReader } from './reader.ts'
import { openSshHost } from './ssh.ts'
import { hasSshd, startSshd, type Sshd } from './testing/sshd.ts'

const bin = resolve(import.meta.dirname, '../../bin/antemortem.js')

describe.skipIf(!hasSshd)(
  'a host behind a real sshd (skipped where /usr/sbin/sshd is absent: apt-get install openssh-server)',
  () => {
    let sshd: Sshd
    let readers: HostReader[] = []
    let place = { data: '', log: '' }

    beforeAll(async () => {
      sshd = await startSshd()
      place = { data: join(sshd.dir, 'data'), log: join(sshd.dir, 'server.log') }
      mkdirSync(join(place.data, 'pg_wal'), { recursive: true })
      writeFileSync(join(place.data, 'PG_VERSION'), '18\n')
      writeFileSync(join(place.data, 'postgresql.conf'), "port = 5433\nprimary_conninfo = 'host=a password=hunter2'\n")
      writeFileSync(join(place.data, 'pg_hba.conf'), 'local all all peer\n')
      writeFileSync(place.log, 'first line\n')
    })
    afterEach(async () => {
      await Promise.all(readers.map(async (reader) => reader.close()))
      readers = []
    })
    afterAll(async () => sshd?.[Symbol.asyncDispose]())

    const forced = (): string =>
      `restrict,command="${process.execPath} ${bin} host-read --data ${place.data} --log ${place.log}"`

    const open = (onLog: () => void = () => undefined, target = sshd.target, args = sshd.args): HostReader => {
      const reader = openSshHost({ target, args, maskKey: new Uint8Array(16), onLog })
      readers.push(reader)
      return reader
    }

    /** What somebody gets who has the key and uses ssh by hand. */
    const byHand = async (command: string, input: string): Promise<string> => {
      const child = spawn('ssh', ['-o', 'BatchMode=yes', ...sshd.args, sshd.target, command], {
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      child.stdin.end(input)
      await new Promise((done) => child.on('close', done))
      return said
    }

    const why = async (reader: HostReader): Promise<string> => {
      const startedAt = performance.now()
      const looked = await reader.look()
      expect(performance.now() - startedAt).toBeLessThan(12_000)
      if (looked.ok) return 'it was read'
      expect(looked.remedy).not.toBe('')
      return looked.why
    }

    test('is looked at, and its log is read and heard, all through one connection', async () => {
      sshd.allow(forced())
      const connections = (): number => sshd.log().split('Accepted publickey').length
      const before = connections()
      const heard = Promise.withResolvers<void>()
      const reader = open(heard.resolve)
      const looked = await reader.look()
      expect(looked).toMatchObject({
        ok: true,
        value: {
          postmaster: 'absent',
          port: null,
          missingLibraries: [],
          accessRulesDigest: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      })
      expect(JSON.stringify(looked)).not.toContain('hunter2')
      const first = await reader.log(null)
      expect(first.ok && first.value.bytes.toString()).toBe('first line\n')
      appendFileSync(place.log, 'second line\n')
      await heard.promise
      const second = await reader.log(first.ok ? first.value.position : null)
      expect(second.ok && second.value.bytes.toString()).toBe('second line\n')
      for (let n = 0; n < 5; n += 1) expect((await reader.look()).ok).toBe(true)
      expect(connections() - before).toBe(1)
      expect(Math.abs(reader.aheadMs)).toBeLessThan(1000)
    })

    test('whoever has the key gets what is in the list, and nothing else', async () => {
      sshd.allow(forced())
      expect(await byHand('cat /etc/passwd', '')).toBe('')
      const refused = expect.stringContaining('only these are answered: hello, look, log')
      expect(await byHand('sh', 'cat /etc/passwd\n')).toEqual(refused)
      expect(await byHand('', '{"id":1,"ask":"run","command":"id"}\n')).toEqual(refused)
      expect(await byHand('', '{"id":1,"ask":"look","data":"/etc"}\n')).toEqual(refused)
      const position = { id: '1:1', offset: 0, check: '', path: '/etc/passwd' }
      expect(await byHand('', `${JSON.stringify({ id: 1, ask: 'log', position })}\n`)).toEqual(refused)
      expect(await byHand('', `${'x'.repeat(100_000)}\n`)).toEqual(refused)
      expect(await byHand('host-read --data /etc', '{"id":1,"ask":"look"}\n')).toContain('"postmaster":"absent"')
    })

    test('a key that is refused is told', async () => {
      writeFileSync(join(sshd.dir, 'authorized'), '')
      expect(await why(open())).toContain('refuses our key')
    })

    test('a command that is missing is told', async () => {
      sshd.allow('command="/no/such/antemortem host-read --data /x"')
      expect(await why(open())).toContain('has no command antemortem')
    })

    test('a key without a forced command is told', async () => {
      sshd.allow('command="echo Welcome to db1"')
      expect(await why(open())).toContain('answers with something else: Welcome to db1')
    })

    test('a forced command that says nothing is given up in time', async () => {
      sshd.allow('command="sleep 60"')
      expect(await why(open())).toContain('has not answered for 10 s')
    })

    test('a forced command without its directory is told in its own words', async () => {
      sshd.allow(`command="${process.execPath} ${bin} host-read"`)
      expect(await why(open())).toContain('host-read needs --data DIR')
    })

    test('a connection that breaks is told, and made again', async () => {
      // The program there is ended after two seconds.
      sshd.allow(`command="timeout 2 ${process.execPath} ${bin} host-read --data ${place.data}"`)
      const reader = open()
      const until = async (ok: boolean): Promise<void> => {
        const end = Date.now() + 10_000
        while ((await reader.look()).ok !== ok) {
          expect(Date.now(), `it never was ${ok}`).toBeLessThan(end)
          await sleep(50)
        }
      }
      await until(true)
      sshd.allow(forced())
      await until(false)
      await until(true)
    })

    test('a host key that has changed, or is not known, is told', async () => {
      sshd.allow(forced())
      await sshd.newHostKey()
      expect(await why(open())).toContain('is not the one that is known')
      writeFileSync(join(sshd.dir, 'known'), '')
      expect(await why(open())).toContain('is not known here')
      sshd.knowHost()
      expect(await why(open())).toBe('it was read')
    })

    test('a host that does not answer is told, and nobody asks it all the time', async () => {
      await sshd.stop()
      const reader = open()
      expect(await why(reader)).toContain('does not answer on its ssh port')
      const startedAt = performance.now()
      for (let n = 0; n < 100; n += 1) await reader.look()
      expect(performance.now() - startedAt).toBeLessThan(900)
      expect(await why(open(undefined, 'nobody@no-such-host.invalid'))).toMatch(
        /no name that can be resolved|does not answer/,
      )
    })
  },
)
