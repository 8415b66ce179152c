package io.alldocs.http.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.TransportOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.Test;

/** Runs the code of the README. */
class ReadmeTransportTest {

    // region okhttp
    static String get(URI uri, NpmConfig config) {
        try (HttpTransport transport = OkHttpTransport.of(TransportOptions.of(config));
                BaseHttpClient client = BaseHttpClient.builder()
                        .npmConfig(config) // for its credentials
                        .transport(transport)
                        .build()) {
            return client.send(
                    ClientRequest.get(uri), reply -> new String(reply.body().readAllBytes(), StandardCharsets.UTF_8));
        }
    }
    // endregion

    @Test
    void get_anAddress_isItsBody() throws Exception {
        try (MockWebServer server = new MockWebServer()) {
            server.start();
            server.enqueue(new MockResponse.Builder().body("served").build());
            assertThat(get(server.url("/").uri(), NpmConfig.empty())).isEqualTo("served");
        }
    }
}
