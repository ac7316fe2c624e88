import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './extension-missing.ts'

test.each([
  [
    'create extension postgis',
    { cluster: {}, extensions: { primary: ['postgis'], standby: ['pgcrypto'] } },
    ['error standby:extension postgis @ standby'],
  ],
])('%j: a library that a standby does not have is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    'create extension if not exists pgcrypto',
    { cluster: {}, extensions: { primary: ['pgcrypto'], standby: ['pgcrypto'] } },
    [],
  ],
  ['create extension postgis', {}, []],
])('%j: one that is installed everywhere is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
