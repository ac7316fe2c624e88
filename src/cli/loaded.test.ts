import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Loaded before the program: its last word names every file that it has loaded. */
const tellsFiles = `data:text/javascript,${encodeURIComponent(
  `import{registerHooks}from'node:module';import{writeSync}from'node:fs';const all=[];registerHooks({load(u,c,n){all.push(u);return n(u,c)}});process.on('exit',()=>writeSync(2,all.join('\\n')))`,
)}`

test('a check of addresses starts without what reads configuration files and hosts', () => {
  const bin = join(import.meta.dirname, '../../bin/antemortem.js')
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', tellsFiles, bin, 'check', 'postgres://nobody@127.0.0.1:1/app'],
    { encoding: 'utf8', timeout: 60_000 },
  )
  expect(stderr).toContain('/src/watch/watch.ts')
  for (const part of ['/node_modules/yaml/', '/src/config/read.ts', '/src/hosts/', '/src/diagnosis/causes'])
    expect(stderr.split('\n').filter((url) => url.includes(part))).toEqual([])
})
