/** Sets environment variables and returns a function that restores them. */
export function withEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** Keeps n8n from sending requests to the internet, and from writing logs that no test reads. */
export const QUIET = {
  // vitest sets `test`, with which n8n loads nodes differently than in production.
  NODE_ENV: 'production',
  N8N_ENCRYPTION_KEY: 'wan-image-e2e',
  TZ: 'UTC',
  GENERIC_TIMEZONE: 'UTC',
  N8N_DIAGNOSTICS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
  N8N_DYNAMIC_BANNERS_ENABLED: 'false',
  N8N_HIRING_BANNER_ENABLED: 'false',
  N8N_TEMPLATES_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
  N8N_VERIFIED_PACKAGES_ENABLED: 'false',
  N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
  N8N_PYTHON_ENABLED: 'false',
  // Would call api.n8n.io at startup.
  N8N_DISABLED_MODULES: 'mcp-registry',
} as const;
