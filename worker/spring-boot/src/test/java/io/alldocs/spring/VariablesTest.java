package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.http.NpmConfig;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class VariablesTest {

    private static AllDocsProperties bind(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate(AllDocsProperties.PREFIX, Bindable.of(AllDocsProperties.class));
    }

    static Iterable<Variables> all() {
        return Variables.ALL;
    }

    /** Returns a valid value of the property, and the value that the variable must have. */
    private static Map.Entry<String, String> sample(String property) {
        return switch (property) {
            case "all-docs.storage.memory" -> Map.entry("2MB", "2097152");
            case "all-docs.worker.grace" -> Map.entry("3s", "3000");
            case "all-docs.worker.concurrency" -> Map.entry("7", "7");
            case "all-docs.queue.durable" -> Map.entry("true", "true");
            default -> Map.entry("some value", "some value");
        };
    }

    @ParameterizedTest
    @MethodSource("all")
    void env_propertyThatIsSet_replacesTheVariable(Variables variable) {
        Map.Entry<String, String> sample = sample(variable.property());

        Env env = Variables.env(
                bind(Map.of(variable.property(), sample.getKey())), Map.of(variable.name(), "of the process"));

        assertThat(env.get(variable.name())).contains(sample.getValue());
    }

    @Test
    void env_noProperty_isThatOfTheProcess() {
        Map<String, String> process = Variables.ALL.stream().collect(Collectors.toMap(Variables::name, each -> "x"));

        assertThat(Variables.env(bind(Map.of()), process).asMap()).isEqualTo(process);
        assertThat(Variables.env(bind(Map.of()), process).readsUserFiles()).isTrue();
    }

    @Test
    void env_token_isThatOfTheRegistryOnly() {
        String token = "all-docs.registry.token";
        Env npm = Variables.env(bind(Map.of(token, "t0ken")), Map.of("NPM_TOKEN", "of the process"));
        Env other = Variables.env(
                bind(Map.of(token, "t0ken", "all-docs.registry.url", "https://npm.example.com:8443/team")),
                Map.of("NPM_TOKEN", "of the process"));

        assertThat(npm.asMap()).containsOnly(Map.entry("NPM_TOKEN", "t0ken"));
        NpmConfig config = NpmConfig.load(other.asMap(), false, Optional.empty());
        assertThat(config.authorizationFor(URI.create("https://npm.example.com:8443/team/express")))
                .contains("Bearer t0ken");
        assertThat(config.authorizationFor(URI.create("https://npm.example.com:8443/")))
                .isEmpty();
        assertThat(config.authorizationFor(SyncJob.NPM_REGISTRY)).contains("Bearer of the process");
    }

    @Test
    void env_otherVariable_replacesThatOfTheProcess() {
        AllDocsProperties properties = bind(Map.of("all-docs.variables[AWS_REGION]", "eu-west-1"));

        assertThat(Variables.env(properties, Map.of("AWS_REGION", "us-east-1")).get("AWS_REGION"))
                .contains("eu-west-1");
    }

    @Test
    void toString_ofProperties_hasNoSecret() {
        Map<String, String> secrets = new HashMap<>(Map.of(
                "all-docs.registry.token", "s3cret",
                "all-docs.registry.url", "https://jo:s3cret@registry.example.com",
                "all-docs.registry.origin", "https://jo:s3cret@origin.example.com",
                "all-docs.queue.redis-url", "redis://:s3cret@queue.example.com"));
        secrets.put("all-docs.variables[AWS_SECRET_ACCESS_KEY]", "s3cret");

        assertThat(bind(secrets))
                .hasToString(bind(secrets).toString())
                .asString()
                .doesNotContain("s3cret");
        assertThat(bind(secrets).registry().token()).isEqualTo("s3cret");
    }

    @Test
    void sync_formThatIsUnknown_isRefused() {
        assertThatThrownBy(() -> bind(Map.of("all-docs.sync.form", "fullest")))
                .hasMessageContaining("all-docs.sync.form");
    }
}
