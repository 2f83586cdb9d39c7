<?php

// The identity provider itself. What a test changes, such as keys and encryption, comes from its settings.
$folder = getenv('IDP_FOLDER');
$persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
$bindings = [
    'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
    'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
];

$metadata[getenv('IDP_ADDRESS') . '/saml2/idp/metadata.php'] = array_merge([
    'host' => '__DEFAULT__',
    'auth' => 'people',
    'SingleSignOnServiceBinding' => $bindings,
    'SingleLogoutServiceBinding' => $bindings,
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'saml20.sign.response' => true,
    'saml20.sign.assertion' => true,
    'sign.logout' => true,
    'redirect.sign' => true,
    'redirect.validate' => true,
    'validate.authnrequest' => true,
    'validate.logout' => true,
    'NameIDFormat' => $persistent,
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
    'authproc' => [
        10 => ['class' => 'saml:AttributeNameID', 'attribute' => 'eduPersonUniqueId', 'Format' => $persistent],
        20 => ['class' => 'core:AttributeMap', 'name2oid'],
    ],
], json_decode(file_get_contents("$folder/settings.json"), true));
