package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Reads Actuator's endpoints where they show all values. */
class SecretsTest {
    private static final String SECRET = "s3cret";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(AllDocsAutoConfiguration.class, SecretsAutoConfiguration.class))
            .withPropertyValues(
                    "all-docs.storage.driver=memory",
                    "all-docs.storage.bucket=shown",
                    "all-docs.registry.token=" + SECRET,
                    "all-docs.queue.redis-url=redis://:" + SECRET + "@localhost",
                    "all-docs.variables[AWS_SECRET_ACCESS_KEY]=" + SECRET,
                    "NPM_TOKEN=" + SECRET,
                    "npm_config__auth=" + SECRET);

    @Test
    void endpoints_thatShowValues_maskOurSecrets() {
        runner.run(context -> {
            Iterable<SanitizingFunction> masks = context.getBeanProvider(SanitizingFunction.class)
                    .orderedStream()
                    .toList();
            ConfigurationPropertiesReportEndpoint properties =
                    new ConfigurationPropertiesReportEndpoint(masks, Show.ALWAYS);
            properties.setApplicationContext(context);
            Map<String, ?> bean = properties.configurationProperties().getContexts().values().stream()
                    .flatMap(all -> all.getBeans().values().stream())
                    .filter(each -> each.getPrefix().equals("all-docs"))
                    .findFirst()
                    .orElseThrow()
                    .getProperties();
            assertThat(bean.toString()).doesNotContain(SECRET).contains("bucket=shown", "token=******");

            EnvironmentEndpoint environment = new EnvironmentEndpoint(context.getEnvironment(), masks, Show.ALWAYS);
            String values = environment.environment(null).getPropertySources().stream()
                    .flatMap(source -> source.getProperties().entrySet().stream())
                    .filter(each -> each.getKey().startsWith("all-docs.")
                            || each.getKey().contains("TOKEN")
                            || each.getKey().contains("_auth"))
                    .map(each -> each.getKey() + "=" + each.getValue().getValue())
                    .toList()
                    .toString();
            assertThat(values)
                    .doesNotContain(SECRET)
                    .contains("all-docs.storage.bucket=shown", "all-docs.registry.token=******", "NPM_TOKEN=******");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALLDOCS_REGISTRY_TOKEN",
                "all_docs.registry.token",
                "all-docs.queue.redisUrl",
                "all-docs.variables.PGPASSWORD",
                "WORKER_TOKEN",
                "NPM_CONFIG_HTTPS_PROXY"
            })
    void secret_inAnySpelling_isKnown(String key) {
        assertThat(SecretsAutoConfiguration.isSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"all-docs.registry.url", "all-docs.storage.directory", "npm_config_registry", "my.token"})
    void otherKey_isNotMasked(String key) {
        assertThat(SecretsAutoConfiguration.isSecret(key)).isFalse();
    }

    @Test
    void context_withoutActuator_starts() {
        runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("allDocsSanitizingFunction"));
    }
}
