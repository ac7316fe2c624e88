import { expect, test } from 'vitest'
import { readSettings, writeSettings } from '../settings.ts'
import { settingsKeys } from '../settings-keys.ts'
import { phpConstants } from './php-constants.ts'

const mysql = `<?php
define( 'DB_NAME', 'shop' );
define( 'DB_USER', 'wp' );
define( 'DB_PASSWORD', 'put it here' );
define( 'DB_HOST', 'db1' );
`

test("WordPress' own database is said not to be in this version, with line and remedy; its keys are compared and written all the same", () => {
  expect(() => readSettings(mysql, 'wp-config.php')).toThrow(
    'wp-config.php:5: DB_HOST, DB_NAME, DB_USER, DB_PASSWORD are of MySQL',
  )
  const keys = settingsKeys({ file: 'wp-config.php', text: mysql }, new Set(), Buffer.from('k'))
  expect(keys.map(({ key }) => key)).toEqual(['DB_HOST', 'DB_NAME', 'DB_PASSWORD', 'DB_USER'])
  const fields = { host: 'db2', port: 3306, database: 'shop', user: 'wp', password: 'put it here', sslMode: null }
  expect(writeSettings(mysql, { file: 'wp-config.php', key: null }, fields)).toBe(mysql.replace('db1', 'db2'))
})

test.each([
  [
    `<?php define('A', 'it\\'s \\n'); # define('A', 'no');\n/* define('A','no') */ const B = "x\\ty\\u{e9}"; define('C', 3306, true);`,
    ["it's \\n", 'x\tyé', '3306'],
  ],
  [
    `<?php define('A', getenv('A') ?: 'geheim'); define('B', 'a' . 'b'); define("C", "$x"); define('D', true);`,
    [null, null, null, 'true'],
  ],
  [`<?php $a = <<<'END'\ndefine('A', 'no');\nEND;\nif (!defined('A')) { \\define('A', 'yes'); }`, ['yes']],
  [`define('A', 'no'); <?php define('A', 'yes'); ?> define('A', 'no');`, ['yes']],
])('%s is read as PHP reads it', (text, values) => {
  expect(phpConstants(text).map(({ value }) => value)).toEqual(values)
})

test.each([
  [mysql.replace("'db1'", "getenv('DB_HOST')"), 'wp-config.php:5: DB_HOST is computed'],
  [`${mysql}define('DB_HOST', 'db2');\n`, 'wp-config.php:6: DB_HOST is defined here and on line 5'],
  ['<?php echo 1;', 'wp-config.php: defines no DB_HOST'],
])('%j is refused', (text, words) => {
  expect(() => readSettings(text, 'wp-config.php')).toThrow(words)
})

test.each([
  ['db1', 'db1', 5432],
  ['db1:5433', 'db1', 5433],
  ['[::1]:5433', '::1', 5433],
  ['localhost:/run/postgresql', '/run/postgresql', 5432],
])('%s is host and port', (text, host, port) => {
  const config = `<?php define('DB_DRIVER', 'pgsql');\n${mysql.slice(6).replace('db1', text)}`
  expect(readSettings(config, 'wp-config.php')).toMatchObject({ host, port, user: 'wp' })
})
