/** Sets variables of this process and returns how to put back what was there. */
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

/** What keeps n8n from asking the internet anything, and from writing what nobody reads. */
export const QUIET = {
  // vitest says `test`, in which n8n loads nodes in another way than in production.
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
  // Would call api.n8n.io at start.
  N8N_DISABLED_MODULES: 'mcp-registry',
} as const;
