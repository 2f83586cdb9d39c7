<?php

// The people of the test, as "name:password" to attributes.
$people = json_decode(file_get_contents(getenv('IDP_FOLDER') . '/people.json'), true);

$config = [
    'people' => array_merge(['exampleauth:UserPass'], $people),
    'admin' => ['core:AdminPassword'],
];
