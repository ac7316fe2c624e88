import { appSettings } from './app-settings.ts'
import { databaseYml } from './database-yml.ts'
import { env } from './env.ts'
import type { SettingsFormat } from './format.ts'
import { pgService } from './pg-service.ts'
import { pgbouncer } from './pgbouncer.ts'
import { properties } from './properties.ts'
import { wpConfig } from './wp-config.ts'

/** Every kind of settings file, most particular first; the last one takes what no other knows. */
export const formats: readonly SettingsFormat[] = [
  pgService,
  wpConfig,
  databaseYml,
  appSettings,
  properties,
  pgbouncer,
  env,
]

/** Is this a name that applications' settings files have? */
export const isSettingsFile = (file: string): boolean =>
  formatOf(file) !== env || /(?:^|\/)\.env(?:\.[^/]*)?$|\.env$/i.test(file)

/** How a file is read, by its name alone. */
export const formatOf = (file: string): SettingsFormat => {
  const base = file.slice(file.lastIndexOf('/') + 1).toLowerCase()
  return formats.find((format) => format.isFor(base)) ?? env
}
