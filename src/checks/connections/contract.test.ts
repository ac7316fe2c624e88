import { expect, test } from 'vitest'
import { contract, findingsOf, settingsFile, snapshot } from '../../../test/builders.ts'
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
