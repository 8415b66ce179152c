package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests redirects whose Location cannot be followed. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BadLocationTest {
    private static final Timeouts PATIENCE =
            new Timeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20));

    private static BaseHttpClient client() {
        return BaseHttpClient.builder()
                .limiters(HostLimiters.create())
                .retry(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(1)))
                .timeouts(PATIENCE)
                .build();
    }

    private static RawServer redirecting(String location) throws Exception {
        return RawServer.answering(
                "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:99999/",
                "http://127.0.0.1:65536/",
                "https://127.0.0.1:99999/",
                "//127.0.0.1:99999",
                "HTTP://LOCALHOST:70000",
                "http://[::1]:99999/",
                "http://127.0.0.1:-1/",
                "http://h:99999999999999/",
                "http://:80/",
                "http:///x",
                "http:",
                "//",
                "http://[::1",
                "http://[::1]x/",
                "http://[v1.a]/",
                "http://%zz/",
                "http://exa mple/",
                "http://a..b/",
                "http://1.2.3.4.5/",
                "http://m\u00fcller.example/",
                "http://user:pw@127.0.0.1:1/",
                "http://127.0.0.1:1/%",
                "http://127.0.0.1:1/#a#b",
                "/%",
                "ftp://x/",
                "file:///etc/passwd",
                "mailto:x",
                "javascript:alert(1)"
            })
    void send_unusableLocation_isPermanentAndSentOnce(String location) throws Exception {
        try (RawServer server = redirecting(location);
                BaseHttpClient client = client()) {
            assertThatExceptionOfType(PermanentException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(server.uri("/a")), ClientResponse::status))
                    .withMessageStartingWith("GET " + server.uri("/a") + " failed: HTTP 302")
                    .withMessageContaining("unusable Location")
                    .satisfies(e -> assertThat(e).message().doesNotContain("user:pw"))
                    .satisfies(e -> assertThat(e.attempts()).isEqualTo(1));
            assertThat(server.requests).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "?", "#", "a", "..", "/%C3%BF", "\u00ff", "/a b", "\t/a"})
    void send_redirectLoop_isPermanent(String location) throws Exception {
        try (RawServer server = redirecting(location);
                BaseHttpClient client = client()) {
            assertThatExceptionOfType(PermanentException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(server.uri("/a")), ClientResponse::status))
                    .withMessageContaining(FailureKind.REDIRECT_LOOP.when);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "/", "//", "a", "@", "?token=", "%", "secret-", "//a:b@"})
    void send_locationOf16KiB_isATypedErrorAtOnce(String part) throws Exception {
        try (RawServer server = redirecting("http://h:99999/" + part.repeat(16_000 / part.length()));
                BaseHttpClient client = client()) {
            assertThatExceptionOfType(PermanentException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(server.uri("/a")), ClientResponse::status))
                    .satisfies(e -> assertThat(e).message().hasSizeLessThan(1_500));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"token", "token=", "npm_", "Bearer ", " ", "\n", "//", "//a@", "_auth", "\"token\" : ", "\u0000"
            })
    void send_errorBodyOfTheSame_isATypedErrorAtOnce(String part) throws Exception {
        String body = part.repeat(20_000 / part.length());
        try (RawServer server = RawServer.answering("HTTP/1.1 404 Not Found\r\nContent-Length: " + body.length()
                        + "\r\nConnection: close\r\n\r\n" + body);
                BaseHttpClient client = client()) {
            assertThatExceptionOfType(PermanentException.class)
                    .isThrownBy(() -> client.send(ClientRequest.get(server.uri("/a")), ClientResponse::status))
                    .satisfies(e -> assertThat(e).message().hasSizeLessThan(1_000));
        }
    }

    @Test
    void get_portThatDoesNotExist_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientRequest.get(URI.create("http://127.0.0.1:65536/")))
                .withMessageContaining("port above 65535");
    }
}
