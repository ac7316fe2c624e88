import { expect, test } from 'vitest'
import { contract, findingsOf, snapshot } from '../../../test/builders.ts'
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
