<?php

// SimpleSAMLphp as an identity provider for tests: all that changes is in the folder that the test made.
$folder = getenv('IDP_FOLDER');

$config = [
    'baseurlpath' => getenv('IDP_ADDRESS') . '/',
    'certdir' => "$folder/",
    'loggingdir' => "$folder/",
    'datadir' => "$folder/",
    'tempdir' => "$folder/temp",
    'attributenamemapdir' => '/usr/share/simplesamlphp/config/attributemap/',
    'secretsalt' => getenv('IDP_SALT'),
    'auth.adminpassword' => getenv('IDP_SALT'),
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',
    'showerrors' => true,
    'errorreporting' => false,
    'logging.level' => SimpleSAML\Logger::INFO,
    'logging.handler' => 'stderr',
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.cookie.secure' => false,
    'session.cookie.samesite' => 'Lax',
    'session.phpsession.savepath' => "$folder/sessions",
    'language.available' => ['en'],
    'language.default' => 'en',
    'language.cookie.secure' => false,
    'store.type' => 'phpsession',
    'session.phpsession.cookiename' => 'SimpleSAML',
    'metadata.sources' => [['type' => 'flatfile', 'directory' => __DIR__ . '/metadata']],
];

foreach (glob("$folder/partners/*.xml") as $file) {
    $config['metadata.sources'][] = ['type' => 'xml', 'file' => $file];
}
