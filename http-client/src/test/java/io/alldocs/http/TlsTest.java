package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests certificates of the npm configuration with servers whose certificates a private authority signed. */
class TlsTest {

    private static final HeldCertificate AUTHORITY = new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("Example Root")
            .build();
    private static final HeldCertificate SERVER = new HeldCertificate.Builder()
            .signedBy(AUTHORITY)
            .addSubjectAlternativeName("localhost")
            .build();

    @TempDir
    private Path folder;

    private final MockWebServer server = new MockWebServer();
    private final Map<String, String> variables = new HashMap<>();
    private final StringBuilder npmrc = new StringBuilder();
    private final List<LogRecord> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().equals(Level.WARNING)) {
                logged.add(entry);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        QuietLogs.LOGGER.addHandler(handler);
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder().body("served").build();
            }
        });
    }

    @AfterEach
    void stop() {
        QuietLogs.LOGGER.removeHandler(handler);
        server.close();
    }

    @Test
    void send_unknownAuthority_failsAndNamesTheSetting() throws IOException {
        start(SERVER);
        assertThatThrownBy(this::get)
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("certificate not trusted")
                .hasMessageContaining("cafile");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void send_cafile_isTrusted(String end) throws IOException {
        start(SERVER);
        HeldCertificate other =
                new HeldCertificate.Builder().commonName("Other").build();
        String text = "The company's authorities\n" + other.certificatePem() + "and\n" + AUTHORITY.certificatePem();
        npmrc.append("cafile=").append(write("ca.pem", text.replace("\n", end)));
        assertThat(get()).isEqualTo("served");
    }

    @Test
    void send_cafileInTheHomeFolder_isFound() throws IOException {
        start(SERVER);
        write("ca.pem", AUTHORITY.certificatePem());
        variables.put("HOME", folder.toString());
        variables.put("USERPROFILE", folder.toString());
        npmrc.append("cafile=~/ca.pem");
        assertThat(get()).isEqualTo("served");
    }

    @Test
    void send_ca_isTrusted() throws IOException {
        start(SERVER);
        npmrc.append("ca=\"")
                .append(AUTHORITY.certificatePem().replace("\n", "\\n"))
                .append("\"\n");
        assertThat(get()).isEqualTo("served");
    }

    @Test
    void send_listOfCa_isTrusted() throws IOException {
        start(SERVER);
        for (HeldCertificate each : List.of(new HeldCertificate.Builder().build(), AUTHORITY)) {
            npmrc.append("ca[]=\"")
                    .append(each.certificatePem().replace("\n", "\\n"))
                    .append("\"\n");
        }
        assertThat(get()).isEqualTo("served");
    }

    @Test
    void send_caOfAVariable_isTrusted() throws IOException {
        start(SERVER);
        variables.put(
                "npm_config_ca",
                new HeldCertificate.Builder().build().certificatePem() + "\n" + AUTHORITY.certificatePem());
        assertThat(get()).isEqualTo("served");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"})
    void send_variable_addsToTheAuthoritiesOfTheJvm(String name) throws Exception {
        start(SERVER);
        variables.put(name, write("ca.pem", AUTHORITY.certificatePem()).toString());
        assertThat(get()).isEqualTo("served");
        assertThat(Tls.authorities(settings()).size()).isGreaterThan(10);
        npmrc.append("cafile=")
                .append(write("own.pem", new HeldCertificate.Builder().build().certificatePem()));
        assertThat(Tls.authorities(settings())).hasSize(1);
        assertThatThrownBy(this::get).isInstanceOf(PermanentException.class);
    }

    @Test
    void send_strictSslFalse_acceptsAnotherHostsCertificateAndWarnsOnce() throws IOException {
        start(new HeldCertificate.Builder()
                .addSubjectAlternativeName("elsewhere.corp.example")
                .build());
        npmrc.append("strict-ssl=false");
        assertThat(get()).isEqualTo("served");
        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).getMessage()).contains("strict-ssl=false");
    }

    @Test
    void send_certificateOfAnotherHost_isRefused() throws IOException {
        start(new HeldCertificate.Builder()
                .signedBy(AUTHORITY)
                .addSubjectAlternativeName("elsewhere.corp.example")
                .build());
        npmrc.append("cafile=").append(write("ca.pem", AUTHORITY.certificatePem()));
        assertThatThrownBy(this::get).isInstanceOf(PermanentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS#8 RSA", "PKCS#8 EC", "PKCS#1", "SEC1"})
    void send_clientCertificate_identifies(String form) throws IOException {
        HeldCertificate.Builder builder =
                new HeldCertificate.Builder().signedBy(AUTHORITY).commonName("example-client");
        HeldCertificate client = form.contains("RSA") || form.equals("PKCS#1")
                ? builder.rsa2048().build()
                : builder.ecdsa256().build();
        String key = switch (form) {
            case "PKCS#1" -> client.privateKeyPkcs1Pem();
            case "SEC1" -> sec1(client.keyPair());
            default -> client.privateKeyPkcs8Pem();
        };
        startWithClientCertificates();
        npmrc.append("cafile=")
                .append(write("ca.pem", AUTHORITY.certificatePem()))
                .append('\n');
        assertThatThrownBy(this::get).isInstanceOf(RequestException.class);

        npmrc.append(place()).append(":certfile=").append(write("client.pem", client.certificatePem()));
        npmrc.append('\n').append(place()).append(":keyfile=").append(write("client.key", "a key\n" + key));

        assertThat(get()).isEqualTo("served");
    }

    @Test
    void build_encryptedKey_saysSo() throws IOException {
        HeldCertificate client = new HeldCertificate.Builder().rsa2048().build();
        startWithClientCertificates();
        npmrc.append(place()).append(":certfile=").append(write("client.pem", client.certificatePem()));
        for (String key : List.of(
                client.privateKeyPkcs8Pem().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
                client.privateKeyPkcs1Pem()
                        .replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"))) {
            Path file = write("client.key", key);
            String before = npmrc.toString();
            npmrc.append('\n').append(place()).append(":keyfile=").append(file);
            assertThatThrownBy(this::get)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(":keyfile names " + file)
                    .hasMessageContaining("encrypted key");
            npmrc.setLength(before.length());
        }
    }

    @Test
    void build_unusableFiles_areNamedWithTheirSetting() throws IOException {
        start(SERVER);
        Path missing = folder.resolve("missing.pem");
        Path empty = write("empty.pem", "no certificate here");
        Path broken = write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        for (Path file : List.of(missing, empty, broken)) {
            npmrc.setLength(0);
            npmrc.append("cafile=").append(file);
            assertThatThrownBy(this::get)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("npmrc, line 1: cafile names " + file);
            npmrc.setLength(0);
            for (String name : List.of("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")) {
                variables.put(name, file.toString());
                assertThatThrownBy(this::get)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(name + " names " + file);
                variables.remove(name);
            }
        }
    }

    @Test
    void build_certificateWithoutItsKey_isRefused() throws IOException {
        startWithClientCertificates();
        HeldCertificate client = new HeldCertificate.Builder().rsa2048().build();
        npmrc.append(place()).append(":certfile=").append(write("client.pem", client.certificatePem()));
        assertThatThrownBy(this::get).hasMessageContaining(":keyfile");
        npmrc.append('\n').append(place()).append(":keyfile=");
        npmrc.append(write(
                "client.key", new HeldCertificate.Builder().ecdsa256().build().privateKeyPkcs8Pem()));
        assertThatThrownBy(this::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("type is not RSA");
    }

    private void start(HeldCertificate certificate) throws IOException {
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslSocketFactory());
        server.start();
    }

    private void startWithClientCertificates() throws IOException {
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(SERVER)
                .addTrustedCertificate(AUTHORITY.certificate())
                .build()
                .sslSocketFactory());
        server.requireClientAuth();
        server.start();
    }

    private String place() {
        return "//localhost:" + server.getPort() + "/";
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private NpmConfig config() throws IOException {
        variables.put("npm_config_userconfig", write("npmrc", npmrc.toString()).toString());
        return NpmConfig.loader(variables).load();
    }

    private Settings settings() throws IOException {
        config();
        return new Settings(
                List.of(Npmrc.read(folder.resolve("npmrc"), variables::get)),
                variables,
                new NpmFolders(variables, false));
    }

    private String get() throws IOException {
        try (BaseHttpClient client = BaseHttpClient.builder()
                .npmConfig(config())
                .limiters(HostLimiters.create())
                .retry(RetryPolicy.none())
                .build()) {
            return client.send(
                    ClientRequest.get(java.net.URI.create("https://localhost:" + server.getPort() + "/alpha")),
                    reply -> new String(reply.body().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    /**
     * Extracts the SEC1 form, which is the last value in the PKCS#8 form (RFC 5958 §2). It starts at the SEQUENCE
     * within the OCTET STRING.
     */
    private static String sec1(KeyPair pair) {
        byte[] pkcs8 = pair.getPrivate().getEncoded();
        int at = 2;
        while (!(pkcs8[at] == 0x04 && pkcs8[at + 2] == 0x30 && pkcs8[at + 1] == pkcs8.length - at - 2)) {
            at++;
        }
        byte[] key = Arrays.copyOfRange(pkcs8, at + 2, pkcs8.length);
        return "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                + "-----BEGIN EC PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                + "\n-----END EC PRIVATE KEY-----\n";
    }
}
