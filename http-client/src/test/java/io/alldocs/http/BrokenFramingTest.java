package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests responses whose head declares the length of the body not at all or twice. */
@Timeout(60)
class BrokenFramingTest {
    private static final Timeouts PATIENCE =
            new Timeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4, 4",
                "Content-Length: abc",
                "Content-Length: 4x",
                "Content-Length: 0x4",
                "Content-Length: +4",
                "Content-Length: 4.0",
                "Content-Length:",
                "Content-Length: 99999999999999999999",
                "Content-Length: 4\r\nContent-Length: 5",
                "Content-Length: 4;",
                "Content-Length: 14\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: gzip",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"
            })
    void send_framingThatCannotBeRead_isATypedErrorThatNamesTheField(String field) throws Exception {
        try (RawServer server = open("HTTP/1.1 200 OK\r\n" + field + "\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
                BaseHttpClient client = client()) {
            assertThatExceptionOfType(TemporaryException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(server.uri("/a")), BrokenFramingTest::read))
                    .withMessageContaining("GET " + server.uri("/a"))
                    .withMessageContaining(FailureKind.PROTOCOL.when)
                    .withMessageContaining(field.substring(0, field.indexOf(':') + 1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'Content-Length: 4', body",
        "'content-length:4', body",
        "'Content-Length: 4\r\nContent-Length: 4', body",
        "'Transfer-Encoding: Chunked', body"
    })
    void send_framingThatCanBeRead_isTaken(String fields, String text) throws Exception {
        String body = fields.toLowerCase(java.util.Locale.ROOT).contains("chunked") ? "4\r\nbody\r\n0\r\n\r\n" : "body";
        String lines = fields.replace("\\r\\n", "\r\n");
        try (RawServer server = open("HTTP/1.1 200 OK\r\n" + lines + "\r\n\r\n" + body);
                BaseHttpClient client = client()) {
            String received = client.send(ClientRequest.get(server.uri("/")), BrokenFramingTest::read);
            assertThat(received).isEqualTo(text);
        }
    }

    @Test
    void send_negativeLength_endsWithTheConnection() throws Exception {
        try (RawServer server = RawServer.answering("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nbody");
                BaseHttpClient client = client()) {
            String received =
                    client.send(ClientRequest.get(server.uri("/")), reply -> read(reply) + reply.endsWithConnection());
            assertThat(received).isEqualTo("bodytrue");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "<html>\r\n\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 99999 OK\r\n\r\n",
                "HTTP/1.1 -1 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbody",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"
            })
    void send_answerThatIsHardlyHttp_isATypedError(String answer) throws Exception {
        try (RawServer server = RawServer.answering(answer);
                BaseHttpClient client = client()) {
            assertThatExceptionOfType(RequestException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(server.uri("/a")), BrokenFramingTest::read))
                    .withMessageStartingWith("GET " + server.uri("/a"));
        }
    }

    @Test
    void send_transportThatThrowsAnything_isATypedError() {
        HttpTransport broken = new HttpTransport() {
            @Override
            public ClientResponse send(ClientRequest call, Timeouts timeouts) {
                throw new NullPointerException("inside");
            }

            @Override
            public void close() {}
        };
        try (BaseHttpClient client = BaseHttpClient.builder()
                .transport(broken)
                .limiters(HostLimiters.create())
                .retry(RetryPolicy.none())
                .build()) {
            assertThatExceptionOfType(TemporaryException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(java.net.URI.create("http://127.0.0.1/")), r -> 1))
                    .withMessageContaining("NullPointerException: inside")
                    .withRootCauseInstanceOf(NullPointerException.class);
        }
    }

    private static String read(ClientResponse reply) throws IOException {
        return new String(reply.body().readAllBytes(), StandardCharsets.US_ASCII);
    }

    /** Leaves the connection open, as keep-alive does. */
    private static RawServer open(String answer) throws IOException {
        return new RawServer(socket -> {
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
            socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        });
    }

    private static BaseHttpClient client() {
        return BaseHttpClient.builder()
                .timeouts(PATIENCE)
                .limiters(HostLimiters.create())
                .retry(RetryPolicy.none())
                .build();
    }
}
