package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the choice of a transport if only the JDK's is available; {@code OkHttpTransportTest} covers another one. */
class HttpTransportsTest {

    @Test
    void create_noVariable_isTheJdks() {
        try (HttpTransport transport = HttpTransports.create(TransportOptions.of(NpmConfig.empty()))) {
            assertThat(transport).isInstanceOf(JdkTransport.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdk", " jdk "})
    void create_jdk_isTheJdks(String name) {
        try (HttpTransport transport = HttpTransports.create(options(name))) {
            assertThat(transport).isInstanceOf(JdkTransport.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"okhttp", "okhtp", "JDK", "apache"})
    void create_nameThatIsNotHere_saysWhatThereIsAndWhatToAdd(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpTransports.create(options(name)))
                .withMessage("No HTTP transport for HTTP_TRANSPORT=" + name + "; available: jdk."
                        + " Add io.alldocs:all-docs-http-okhttp to the class path to use okhttp.");
    }

    @Test
    void build_ofAClient_takesTheVariableOfItsConfiguration() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BaseHttpClient.builder()
                        .npmConfig(options("okhttp").npmConfig())
                        .build())
                .withMessageContaining("HTTP_TRANSPORT=okhttp");
    }

    private static TransportOptions options(String name) {
        return TransportOptions.of(
                NpmConfig.loader(Map.of("HTTP_TRANSPORT", name)).load());
    }
}
