import { expect, test } from 'vitest'
import { contract, findingsOf, logEntry, logs, settingsFile, snapshot, t0 } from '../../../test/builders.ts'
import check from './contract.ts'

const failing = (more: Parameters<typeof contract>[1]) =>
  snapshot({
    facts: {
      contracts: [
        contract('standby', {
          ok: false,
          layer: 'auth',
          code: '28P01',
          message: 'password authentication failed',
          failures: 1,
          ...more,
        }),
      ],
    },
  })

test('three failures in a row are critical and name instance, node and layer', () => {
  expect(findingsOf(check, failing({ failures: 3 }))).toMatchObject([
    { subject: 'contract login:app1→standby', severity: 'critical', evidence: { layer: 'auth', code: '28P01' } },
  ])
})

test('an answer that differs is critical at once: nothing else shows it', () => {
  expect(findingsOf(check, failing({ layer: 'data', code: null }))).toMatchObject([{ severity: 'critical' }])
})

test('one failure is a warning', () => {
  expect(findingsOf(check, failing({}))).toMatchObject([{ severity: 'warning' }])
})

test('a contract that holds is no finding; without contracts the check says that it cannot see', () => {
  expect(findingsOf(check, snapshot({ facts: { contracts: [contract('primary')] } }))).toEqual([])
})

test('settings that changed since all was well are named, without their values', () => {
  const files = [settingsFile('app1', { DB_PORT: ['5432', '6543'], DB_HOST: 'db1', DB_PASSWORD: ['a', 'b'] })]
  const contracts = [contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED', failures: 3 })]
  const [found] = findingsOf(check, snapshot({ facts: { contracts, files } }))
  expect(found?.evidence).toMatchObject({ changed_settings: 'DB_PORT, DB_PASSWORD' })
  expect(found?.remedy).toContain('/srv/app1.env')
  expect(JSON.stringify(found)).not.toContain('6543')
})

test('a server that was told to stop may refuse for half a minute', () => {
  const at = (ago: number, code: string) => {
    const said = logs([
      logEntry('primary', { severity: 'LOG', message: 'received fast shutdown request', lastMs: t0 - ago * 1000 }),
    ])
    const contracts = [contract('primary', { ok: false, layer: 'tcp', code, failures: 5 })]
    return findingsOf(check, snapshot({ facts: { contracts, logs: said } }))[0]?.severity
  }
  expect(at(10, 'ECONNREFUSED')).toBe('warning')
  expect(at(31, 'ECONNREFUSED')).toBe('critical')
  expect(at(10, '28P01')).toBe('critical')
})
