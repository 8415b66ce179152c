package io.alldocs.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BaseHttpClientTest {

    private static final RetryPolicy QUICK = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5));

    private final MockWebServer server = new MockWebServer();
    private final BaseHttpClient client = BaseHttpClient.builder()
            .limiters(HostLimiters.create())
            .retry(QUICK)
            .build();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void send_plainAnswer_readsStatusHeadersAndBody() {
        server.enqueue(new MockResponse.Builder()
                .body("hello")
                .setHeader("etag", "\"1\"")
                .build());

        String text = client.send(HttpCall.get(uri("/a")), reply -> {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.contentLength()).hasValue(5);
            assertThat(reply.headers().firstValue("ETag")).contains("\"1\"");
            assertThat(reply.uri()).isEqualTo(uri("/a"));
            return text(reply);
        });

        assertThat(text).isEqualTo("hello");
    }

    @Test
    void send_gzipAnswer_handsBytesOnAsReceived() throws Exception {
        byte[] packed = gzip("hello");
        server.enqueue(new MockResponse.Builder()
                .setHeader("content-encoding", "gzip")
                .body(new Buffer().write(packed))
                .build());

        byte[] received =
                client.send(HttpCall.get(uri("/")), reply -> reply.body().readAllBytes());

        assertThat(received).isEqualTo(packed);
        assertThat(server.takeRequest().getHeaders().get("accept-encoding")).isEqualTo("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(received)).readAllBytes())
                .isEqualTo("hello".getBytes(UTF_8));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String text(HttpReply reply) throws IOException {
        return new String(reply.body().readAllBytes(), UTF_8);
    }

    private URI uri(String path) {
        return server.url(path).uri();
    }
}
