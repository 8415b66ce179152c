package io.alldocs.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Names unknown properties {@code all-docs.*} without their values. Spring Boot's own analyzer would print the value,
 * which is a secret if the misspelt property is one. Called by Spring Boot.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, UnboundConfigurationPropertiesException failure) {
        List<String> names = failure.getUnboundProperties().stream()
                .map(property -> property.getName() + " (" + property.getOrigin() + ")")
                .sorted()
                .toList();
        if (names.stream().noneMatch(name -> name.startsWith(AllDocsProperties.PREFIX + "."))) {
            return null;
        }
        return new FailureAnalysis(
                "There is no property " + String.join(", ", names) + ".",
                "Correct the name; the README of all-docs-spring-boot-starter lists all properties. A variable without"
                        + " a property is set with all-docs.variables[NAME].",
                failure);
    }
}
