package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarballHostsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.255.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.168.0.1",
                "198.18.0.1",
                "198.19.9.9",
                "224.0.0.1",
                "239.1.2.3",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "::7f00:1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fdff::1",
                "ff02::1",
                "64:ff9b::a00:1",
                "64:ff9b::a9fe:a9fe",
                "2002:7f00:1::",
                "2002:c0a8:101::1",
                "2001::1",
                "100::1"
            })
    void specialAddress_isNotPublic(String address) throws UnknownHostException {
        assertThat(TarballHosts.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.0.0.1", "128.0.0.1",
                "169.253.1.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "192.167.0.1", "198.17.0.1", "198.20.0.1",
                "223.255.255.255", "2606:4700::1111", "2a00::1", "64:ff9b::101:101", "2002:101:101::1", "2001:4860::1"
            })
    void ordinaryAddress_isPublic(String address) throws UnknownHostException {
        assertThat(TarballHosts.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.corp/npm/, https://registry.corp/x.tgz, true",
        "https://registry.corp/npm/, https://REGISTRY.corp:443/x.tgz, true",
        "https://registry.corp/npm/, http://registry.corp/x.tgz, true",
        "https://registry.corp/npm/, https://registry.corp./x.tgz, true",
        "https://registry.corp/npm/, https://registry.corp:8443/x.tgz, false",
        "https://registry.corp/npm/, http://registry.corp:8080/x.tgz, false",
        "https://registry.corp/npm/, https://registry.corp.evil/x.tgz, false",
        "https://registry.corp/npm/, https://evil.registry.corp/x.tgz, false",
        "http://127.0.0.1:4873, http://127.0.0.1:4873/x.tgz, true",
        "http://127.0.0.1:4873, http://127.0.0.1:4874/x.tgz, false",
        "http://127.0.0.1:4873, http://localhost:4873/x.tgz, false",
        "https://registry.corp/npm/, https://files.corp/x.tgz, true",
        "https://registry.corp/npm/, http://Files.corp/x.tgz, true",
        "https://registry.corp/npm/, https://files.corp:8443/x.tgz, false",
        "https://registry.corp/npm/, https://cdn.corp:8443/x.tgz, true",
        "https://registry.corp/npm/, https://cdn.corp/x.tgz, false"
    })
    void hostOfTheRegistry_orAllowed_isNamed(URI registry, URI address, boolean named) {
        TarballHosts hosts =
                new TarballHosts(registry, List.of("files.corp", "CDN.corp:8443"), InetAddress::getAllByName);

        assertThat(hosts.isNamed(address)).isEqualTo(named);
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.corp/npm/, https://registry.corp/npm/-/whoami, true",
        "https://registry.corp/npm, https://registry.corp/npm/-/npm/v1/tokens, true",
        "https://registry.corp/npm, https://registry.corp/npm/x/../-/whoami, true",
        "https://registry.corp/npm, https://registry.corp/npm/%2D/whoami, true",
        "https://registry.corp/npm, https://registry.corp/npm/x/%2e%2E/-/whoami, true",
        "https://registry.corp/npm, https://registry.corp/npm/x%2f..%2f-%2fwhoami, true",
        "https://registry.corp/npm/, https://registry.corp//npm//-//whoami, true",
        "https://registry.corp/npm, https://registry.corp/%6epm/;a=b/-;c/whoami, true",
        "https://registry.corp/npm, https://registry.corp/x%5c..%5cnpm%5c-/whoami, true",
        "https://registry.corp, https://registry.corp/../-/whoami, true",
        "https://registry.corp, https://registry.corp/./-/whoami, true",
        "https://registry.corp, https://registry.corp/@-%2f-/-/--1.0.0.tgz, false",
        "https://registry.corp, http://registry.corp/-/whoami, true",
        "https://registry.corp, https://registry.corp/-/-/--1.0.0.tgz, false",
        "https://registry.corp, https://registry.corp/x/-/x-1.0.0.tgz, false",
        "https://registry.corp, https://files.corp/-/x.tgz, false"
    })
    void apiOfTheRegistry_isNoTarball(URI registry, URI address, boolean refused) {
        TarballHosts hosts = new TarballHosts(registry, List.of("files.corp"), InetAddress::getAllByName);

        if (refused) {
            assertThatThrownBy(() -> hosts.check(address, false)).isInstanceOf(TarballHosts.RefusedException.class);
        } else {
            assertThatCode(() -> hosts.check(address, false)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0177.0.0.1",
                "0x7f000001",
                "0X7F.0.0.1",
                "2130706433",
                "8.8.8.08",
                "a.0x",
                "1.2.3.4.",
                "1.2.3.4.5"
            })
    void redirectToANumberThatReadsAsSeveralAddresses_isRefused(String host) {
        TarballHosts hosts = new TarballHosts(URI.create("https://registry.corp"), List.of(), name ->
                new InetAddress[] {InetAddress.getByName("8.8.8.8")});
        // Some of these are invalid names by RFC 2396; java.net.URI returns no host for them.
        assertThatThrownBy(() -> hosts.check(URI.create("http://" + host + "/x.tgz"), true))
                .isInstanceOf(TarballHosts.RefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "163.be", "1password.com", "0xff.example", "deadbeef"})
    void redirectToAName_orACanonicalAddress_isFollowed(String host) {
        TarballHosts hosts = new TarballHosts(URI.create("https://registry.corp"), List.of(), name ->
                new InetAddress[] {InetAddress.getByName("8.8.8.8")});

        assertThatCode(() -> hosts.check(URI.create("http://" + host + "/x.tgz"), true))
                .doesNotThrowAnyException();
    }

    /** The second check finds a different address: the name resolves to another host once the connection is made. */
    @Test
    void nameThatChanges_isRefusedAtTheSecondLook() {
        String[] answers = {"203.0.113.1", "127.0.0.1"};
        int[] asked = {0};
        TarballHosts hosts = new TarballHosts(URI.create("https://registry.corp"), List.of(), host ->
                new InetAddress[] {InetAddress.getByName(answers[asked[0]++])});
        URI address = URI.create("https://rebinding.example/x.tgz");

        assertThatCode(() -> hosts.check(address, true)).doesNotThrowAnyException();
        assertThatThrownBy(() -> hosts.check(address, true)).isInstanceOf(TarballHosts.RefusedException.class);
    }
}
