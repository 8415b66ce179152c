package io.alldocs.storage.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the common features with the emulator whose requests are the simplest. */
@Timeout(60)
class EmulatorTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private FakeFastly fake;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeFastly();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private HttpResponse<String> put(String name, String value) throws IOException, InterruptedException {
        return send(request(name).PUT(BodyPublishers.ofString(value)));
    }

    private HttpResponse<String> get(String name) throws IOException, InterruptedException {
        return send(request(name));
    }

    private HttpRequest.Builder request(String name) {
        return HttpRequest.newBuilder(
                        URI.create(fake.endpoint() + "/resources/stores/kv/" + FakeFastly.STORE + "/keys/" + name))
                .header("Fastly-Key", FakeFastly.TOKEN);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void requests_withoutAPlan_areAnsweredAndNoted() throws Exception {
        assertThat(put("k%2Fk?add=true&x=a+b%20c", "value").statusCode()).isEqualTo(200);
        assertThat(get("k%2Fk").body()).isEqualTo("value");
        Asked put = fake.seen().get(0);
        assertThat(put.path()).endsWith("/keys/k%2Fk");
        assertThat(put.query()).containsExactly(Map.entry("add", "true"), Map.entry("x", "a+b c"));
        assertThat(put.headers()).containsEntry("fastly-key", FakeFastly.TOKEN);
        assertThat(put.body()).asString().isEqualTo("value");
        assertThat(fake.seen()).isEmpty();

        fake.forgetRequests();
        assertThat(get("absent").statusCode()).isEqualTo(404);
        assertThat(fake.kinds()).isEmpty();
    }

    @Test
    void plans_areForOneRequestEach_inTheirOrder() throws Exception {
        AtomicInteger events = new AtomicInteger();
        fake.passing()
                .answering(503)
                .answering(429, Map.of("retry-after", "7"))
                .answering(200, Map.of("content-type", "text/plain"), "anything")
                .answeringAfter(events::incrementAndGet, 500)
                .passingAfter(events::incrementAndGet);
        assertThat(put("k", "value").statusCode()).isEqualTo(200);
        assertThat(get("k").statusCode()).isEqualTo(503);
        HttpResponse<String> throttled = get("k");
        assertThat(throttled.statusCode()).isEqualTo(429);
        assertThat(throttled.headers().firstValue("retry-after")).contains("7");
        assertThat(get("k").body()).isEqualTo("anything");
        assertThat(get("k").statusCode()).isEqualTo(500);
        assertThat(get("k").body()).isEqualTo("value");
        assertThat(events).hasValue(2);
        assertThat(fake.kinds()).containsExactly("PUT", "GET", "GET", "GET", "GET", "GET");
    }

    @Test
    void brokenAnswers_areNoAnswers_andOnlyALostOneWasCarriedOut() throws Exception {
        // On new connections, the client does not retry by itself.
        fake.closing();
        assertThatThrownBy(() -> put("closed", "value")).isInstanceOf(IOException.class);
        assertThat(get("closed").statusCode()).isEqualTo(404);
        stop();
        start();
        fake.losingTheAnswer();
        assertThatThrownBy(() -> put("lost", "value")).isInstanceOf(IOException.class);
        fake.passing().cutting();
        assertThat(get("lost").body()).isEqualTo("value");
        assertThatThrownBy(() -> get("lost")).isInstanceOf(IOException.class);
    }
}
