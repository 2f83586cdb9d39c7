// A certified OpenID Provider (npm `oidc-provider`) that signs everybody in without a page.
//
// The environment variable OIDC_PROVIDER_SETTINGS holds JSON:
//   clients      array of client metadata (OpenID Connect Dynamic Registration 2)
//   people       object: account id -> claims without `sub`
//   anybody      sign in unknown login hints too, with claims made from the hint
//   everyClaimInIdToken   put claims of scopes into the ID token, against OIDC Core 5.4
// The first line on standard output is `ready ISSUER`.
// Who signs in is the `login_hint` of the request, else the first of the people.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const settings = JSON.parse(process.env.OIDC_PROVIDER_SETTINGS);

function signingKey(kid, alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

function claimsOf(accountId) {
  const known = settings.people[accountId];
  if (known || !settings.anybody) return known;
  const name = accountId.split('@')[0];
  return {
    email: `${name}@acme.example`,
    email_verified: true,
    name: `${name} Newcomer`,
    given_name: name,
    family_name: 'Newcomer',
    preferred_username: name,
    groups: ['staff'],
  };
}

function configuration() {
  return {
    clients: settings.clients,
    jwks: {
      keys: [
        signingKey('rs256', 'RS256', 'rsa', { modulusLength: 2048 }),
        signingKey('es256', 'ES256', 'ec', { namedCurve: 'P-256' }),
      ],
    },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: {
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username', 'groups'],
      groups: ['groups'],
    },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    conformIdTokenClaims: !settings.everyClaimInIdToken,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['HS256', 'RS256', 'ES256'],
      idTokenSigningAlgValues: ['RS256', 'ES256'],
    },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, accountId) => {
      const claims = claimsOf(accountId);
      return claims && { accountId, claims: () => ({ sub: accountId, ...claims }) };
    },
  };
}

// Answer an interaction as a willing person would: sign in, then agree to everything that is asked.
async function interact(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const accountId = params.login_hint ?? Object.keys(settings.people)[0];
    const result = claimsOf(accountId)
      ? { login: { accountId } }
      : { error: 'access_denied', error_description: 'nobody of that name is known here' };
    return provider.interactionFinished(request, response, result);
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  return provider.interactionFinished(
    request,
    response,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  provider.on('server_error', (ctx, error) => console.error(error));
  provider.on('authorization.error', (ctx, error) => console.error(error.message, error.error_description));
  provider.on('grant.error', (ctx, error) => console.error(error.message, error.error_detail));
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return serve(request, response);
    return interact(provider, request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end('interaction failed');
    });
  });
  console.log(`ready ${issuer}`);
});
process.on('SIGTERM', () => process.exit(0));
