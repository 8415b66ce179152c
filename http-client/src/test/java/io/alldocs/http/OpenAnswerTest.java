package io.alldocs.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests responses with streamed bodies, for addresses that a third party chose. */
class OpenAnswerTest {
    private final MockWebServer server = new MockWebServer();
    private final MockWebServer other = new MockWebServer();
    private final List<String> checked = new ArrayList<>();
    private final BaseHttpClient client = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .build();

    @BeforeEach
    void start() throws IOException {
        server.start();
        other.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        other.close();
    }

    @Test
    void open_answer_isReadAfterTheCall() throws IOException {
        server.enqueue(new MockResponse.Builder().body("x".repeat(1_000_000)).build());

        ClientResponse reply = client.open(ClientRequest.get(uri(server, "/a")), this::note);

        try (InputStream body = reply.body()) {
            assertThat(new String(body.readAllBytes(), UTF_8)).hasSize(1_000_000);
        }
        assertThat(checked).containsExactly("false " + uri(server, "/a"));
    }

    @Test
    void open_redirect_isCheckedBeforeItIsFollowed() {
        server.enqueue(redirect(uri(server, "/b")));
        server.enqueue(redirect(uri(other, "/c")));

        assertThatThrownBy(() -> client.open(ClientRequest.get(uri(server, "/a")), (address, redirected) -> {
                    note(address, redirected);
                    if (address.getPort() == other.getPort()) {
                        throw new IllegalStateException("not there");
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("not there");

        assertThat(checked)
                .containsExactly("false " + uri(server, "/a"), "true " + uri(server, "/b"), "true " + uri(other, "/c"));
        assertThat(other.getRequestCount()).isZero();
    }

    @Test
    void open_statusThatIsNoAnswer_isAnError() {
        server.enqueue(new MockResponse.Builder().code(404).build());

        assertThatThrownBy(() -> client.open(ClientRequest.get(uri(server, "/a")), this::note))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("404");
    }

    @Test
    void open_refusedAddress_isNotRequested() {
        assertThatThrownBy(() -> client.open(ClientRequest.get(uri(server, "/a")), (address, redirected) -> {
                    throw new IllegalArgumentException("refused");
                }))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(server.getRequestCount()).isZero();
    }

    private void note(URI address, boolean redirected) {
        checked.add(redirected + " " + address);
    }

    private static MockResponse redirect(URI location) {
        return new MockResponse.Builder()
                .code(302)
                .setHeader("location", location.toString())
                .build();
    }

    private static URI uri(MockWebServer server, String path) {
        return server.url(path).uri();
    }
}
