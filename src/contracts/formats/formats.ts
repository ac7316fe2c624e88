import { appSettings } from './app-settings.ts'
import { databaseYml } from './database-yml.ts'
import { env } from './env.ts'
import type { SettingsFormat } from './format.ts'
import { pgService } from './pg-service.ts'
import { pgbouncer } from './pgbouncer.ts'
import { properties } from './properties.ts'
import { serverConf } from './server-conf.ts'
import { wpConfig } from './wp-config.ts'

/** Every kind of settings file, most particular first; the last one takes what no other knows. */
export const formats: readonly SettingsFormat[] = [
  pgService,
  serverConf,
  wpConfig,
  databaseYml,
  appSettings,
  properties,
  pgbouncer,
  env,
]

/** Is this a name that settings files of applications have? */
export const isSettingsFile = (file: string): boolean =>
  ![env, serverConf].includes(formatOf(file)) || /(?:^|\/)\.env(?:\.[^/]*)?$|\.env$/i.test(file)

/** How a file is read, by its name alone. */
export const formatOf = (file: string): SettingsFormat => {
  const base = file.slice(file.lastIndexOf('/') + 1).toLowerCase()
  return formats.find((format) => format.isFor(base)) ?? env
}
