# The portal of LemonLDAP::NG with the files that its pages need, on Plack's own small web server.
use strict;
use warnings;
use Plack::Builder;
use Lemonldap::NG::Portal::Main;

builder {
    enable 'Static', path => qr{^/static/}, root => '/usr/share/lemonldap-ng/portal/htdocs';
    Lemonldap::NG::Portal::Main->run( {} );
};
