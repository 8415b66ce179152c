package io.alldocs.http.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.alldocs.http.AuthException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.PermanentException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.TemporaryException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the certificates and proxies of the npm configuration in a client with the transport
 * {@code HTTP_TRANSPORT=okhttp}.
 */
@Timeout(60)
class OkHttpNetworkTest {
    private static final HeldCertificate AUTHORITY = new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("Example Root")
            .build();
    private static final HeldCertificate SERVER = new HeldCertificate.Builder()
            .signedBy(AUTHORITY)
            .addSubjectAlternativeName("localhost")
            .addSubjectAlternativeName("registry.corp.example")
            .build();

    @TempDir
    private Path folder;

    private final MockWebServer server = new MockWebServer();
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void trust() throws IOException {
        variables.put("HTTP_TRANSPORT", "okhttp");
        variables.put("npm_config_cafile", write("ca.pem", AUTHORITY.certificatePem()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void send_cafile_isTrusted() throws IOException {
        serve(SERVER);
        server.enqueue(new MockResponse.Builder().body("served").build());
        assertThat(get(local())).isEqualTo("served");
    }

    @Test
    void send_unknownAuthority_failsAndNamesTheSetting() throws IOException {
        serve(SERVER);
        variables.remove("npm_config_cafile");
        assertThatExceptionOfType(PermanentException.class)
                .isThrownBy(() -> get(local()))
                .withMessageContaining("certificate not trusted")
                .withMessageContaining("cafile");
    }

    @Test
    void send_certificateOfAnotherHost_failsUnlessStrictSslIsOff() throws IOException {
        serve(new HeldCertificate.Builder()
                .signedBy(AUTHORITY)
                .addSubjectAlternativeName("other.example")
                .build());
        assertThatExceptionOfType(PermanentException.class)
                .isThrownBy(() -> get(local()))
                .withMessageContaining("certificate not trusted, or not for this host");

        server.enqueue(new MockResponse.Builder().body("served").build());
        variables.remove("npm_config_cafile");
        variables.put("npm_config_strict_ssl", "false");
        assertThat(get(local())).isEqualTo("served");
    }

    @Test
    void send_clientCertificate_identifiesTheClient() throws Exception {
        HeldCertificate client = new HeldCertificate.Builder()
                .signedBy(AUTHORITY)
                .commonName("client")
                .build();
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(SERVER)
                .addTrustedCertificate(AUTHORITY.certificate())
                .build()
                .sslSocketFactory());
        server.requireClientAuth();
        server.start();
        server.enqueue(new MockResponse.Builder().body("served").build());
        String place = "//localhost:" + server.getPort() + "/";
        variables.put(
                "npm_config_userconfig",
                write(
                        "npmrc",
                        place + ":certfile=" + write("client.pem", client.certificatePem()) + "\n" + place + ":keyfile="
                                + write("client.key", client.privateKeyPkcs8Pem()) + "\n"));
        assertThat(get(local())).isEqualTo("served");
        assertThat(server.takeRequest().getHandshake().peerPrincipal().getName())
                .contains("CN=client");
    }

    @Test
    void build_fileThatIsMissing_isNamedWithItsSetting() {
        variables.put("npm_config_cafile", folder.resolve("missing.pem").toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> get(URI.create("http://localhost/")))
                .withMessageContaining("cafile")
                .withMessageContaining("missing.pem");
    }

    @Test
    void send_proxyWithAPassword_getsItAndTheOriginDoesNot() throws Exception {
        serve(SERVER);
        variables.put("HTTPS_PROXY", "http://jo:example%2Dpw@localhost:" + server.getPort());
        String before = System.clearProperty("jdk.http.auth.tunneling.disabledSchemes");
        try {
            server.enqueue(new MockResponse.Builder().inTunnel().build());
            server.enqueue(new MockResponse.Builder().body("served").build());
            assertThat(get(URI.create("https://registry.corp.example/alpha"))).isEqualTo("served");
        } finally {
            if (before != null) {
                System.setProperty("jdk.http.auth.tunneling.disabledSchemes", before);
            }
        }
        RecordedRequest tunnel = server.takeRequest();
        assertThat(tunnel.getRequestLine()).isEqualTo("CONNECT registry.corp.example:443 HTTP/1.1");
        assertThat(tunnel.getHeaders().get("proxy-authorization")).isEqualTo("Basic am86ZXhhbXBsZS1wdw==");
        RecordedRequest request = server.takeRequest();
        assertThat(request.getRequestLine()).isEqualTo("GET /alpha HTTP/1.1");
        assertThat(request.getHeaders().get("proxy-authorization")).isNull();
    }

    @Test
    void send_proxyForHttp_getsTheWholeAddressAndThePassword() throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder().body("served").build());
        variables.put("HTTP_PROXY", "http://jo:example-pw@localhost:" + server.getPort());
        assertThat(get(URI.create("http://registry.corp.example/a%2fb?x=1"))).isEqualTo("served");
        RecordedRequest request = server.takeRequest();
        assertThat(request.getRequestLine()).isEqualTo("GET http://registry.corp.example/a%2fb?x=1 HTTP/1.1");
        assertThat(request.getHeaders().get("proxy-authorization")).isEqualTo("Basic am86ZXhhbXBsZS1wdw==");
    }

    @Test
    void send_hostOfNoProxy_isReachedDirectly() throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder().body("served").build());
        variables.put("HTTP_PROXY", "http://localhost:1");
        variables.put("NO_PROXY", "localhost");
        assertThat(get(URI.create("http://localhost:" + server.getPort() + "/alpha")))
                .isEqualTo("served");
        assertThat(server.takeRequest().getRequestLine()).isEqualTo("GET /alpha HTTP/1.1");
    }

    @Test
    void send_407_isTheProxysRefusal() throws Exception {
        serve(SERVER);
        variables.put("HTTPS_PROXY", "http://jo:example-pw@localhost:" + server.getPort());
        server.enqueue(new MockResponse.Builder()
                .code(407)
                .setHeader("Proxy-Authenticate", "Basic realm=x")
                .inTunnel()
                .build());
        assertThatExceptionOfType(AuthException.class)
                .isThrownBy(() -> get(URI.create("https://registry.corp.example/alpha")))
                .withMessageContaining("localhost:" + server.getPort())
                .withMessageContaining("HTTP 407")
                .withMessageNotContaining("example-pw");
        assertThat(server.getRequestCount()).isEqualTo(1);

        variables.put("npm_config_proxy", "http://localhost:" + server.getPort());
        server.close();
        try (MockWebServer plain = new MockWebServer()) {
            plain.start();
            plain.enqueue(new MockResponse.Builder().code(407).body("who?").build());
            variables.put("npm_config_proxy", "http://localhost:" + plain.getPort());
            assertThatExceptionOfType(AuthException.class)
                    .isThrownBy(() -> get(URI.create("http://registry.corp.example/alpha")))
                    .withMessageContaining("the proxy localhost:" + plain.getPort());
        }
    }

    @Test
    void send_tunnelThatIsRefused_isTheErrorOfItsStatus() throws Exception {
        serve(SERVER);
        variables.put("HTTPS_PROXY", "http://localhost:" + server.getPort());
        for (int i = 0; i < 2; i++) { // OkHttp's CONNECT, and the CONNECT that reads the status
            server.enqueue(new MockResponse.Builder().code(403).inTunnel().build());
        }
        assertThatExceptionOfType(PermanentException.class)
                .isThrownBy(() -> get(URI.create("https://registry.corp.example/alpha")))
                .withMessageContaining("HTTP 403");
    }

    @Test
    void send_proxyThatIsNotThere_isTemporary() {
        variables.put("HTTPS_PROXY", "http://localhost:1");
        assertThatExceptionOfType(TemporaryException.class)
                .isThrownBy(() -> get(URI.create("https://registry.corp.example/alpha")))
                .withMessageContaining("no connection to the proxy localhost:1");
    }

    private void serve(HeldCertificate certificate) throws IOException {
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslSocketFactory());
        server.start();
    }

    private URI local() {
        return URI.create("https://localhost:" + server.getPort() + "/alpha");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private String get(URI uri) {
        try (BaseHttpClient client = BaseHttpClient.builder()
                .npmConfig(NpmConfig.loader(variables).load())
                .limiters(HostLimiters.create())
                .retry(RetryPolicy.none())
                .build()) {
            return client.send(
                    ClientRequest.get(uri), reply -> new String(reply.body().readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
