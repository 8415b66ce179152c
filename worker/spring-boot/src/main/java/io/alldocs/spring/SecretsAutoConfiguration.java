package io.alldocs.spring;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Masks the secrets of this library in Actuator's endpoints {@code env} and {@code configprops}, also where
 * {@code show-values} shows the other values.
 */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
public final class SecretsAutoConfiguration {

    /** Properties without punctuation, because a variable of the process may set them: ALLDOCS_REGISTRY_TOKEN. */
    private static final List<String> PROPERTIES =
            List.of("alldocsregistrytoken", "alldocsqueueredisurl", "alldocsvariables");

    /** Variables that the libraries read. */
    private static final Set<String> VARIABLES = Set.of(
            "npm_token",
            "worker_token",
            "queue_token",
            "redis_url",
            "cloudflare_api_token",
            "fastly_api_token",
            "aws_secret_access_key",
            "aws_session_token");

    /** Parts of the names of npm's settings. */
    private static final List<String> NPM = List.of("auth", "password", "proxy", "key", "cert");

    /** Called by Spring. */
    SecretsAutoConfiguration() {}

    @Bean
    SanitizingFunction allDocsSanitizingFunction() {
        return SanitizingFunction.sanitizeValue().ifKeyMatches(SecretsAutoConfiguration::isSecret);
    }

    static boolean isSecret(String key) {
        String lower = key.toLowerCase(Locale.ROOT);
        String letters = lower.replaceAll("[^a-z0-9]", "");
        return PROPERTIES.stream().anyMatch(letters::startsWith)
                || VARIABLES.contains(lower)
                || (lower.startsWith("npm_config_") && NPM.stream().anyMatch(lower::contains));
    }
}
