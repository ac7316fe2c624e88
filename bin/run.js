'use strict'
// Loaded by antemortem.js under a Node that is new enough.
const { existsSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

// Node's notes on its own young modules (node:sqlite, types in a checkout) are none of the user's business.
const emitWarning = process.emitWarning
process.emitWarning = function (warning, ...rest) {
  const [type] = rest
  const name = typeof type === 'string' ? type : (type?.type ?? warning?.name)
  if (name !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest)
}

// A third of the time until the first word is spent on compiling.
enableCompileCache()

const source = join(__dirname, '..', 'src', 'cli', 'main.ts')
const main = existsSync(source) ? source : join(__dirname, '..', 'dist', 'cli', 'main.js')

import(pathToFileURL(main).href)
  .then(async (program) => {
    process.exitCode = await program.main(process.argv.slice(2))
    // What is still open after the end (a server that does not let go of its socket) must not hold the user up.
    setTimeout(() => process.exit(), 2_000).unref()
    if (process.connected) process.disconnect()
  })
  .catch((error) => {
    console.error(error)
    process.exit(70)
  })
