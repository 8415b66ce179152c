package io.alldocs.spring;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Handles the failure to create a bean of the auto-configuration. Prints the message of the library instead of a stack
 * trace, and names the properties that set the variables in the message. Called by Spring Boot.
 */
final class SettingFailureAnalyzer extends AbstractFailureAnalyzer<BeanCreationException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BeanCreationException failure) {
        String bean = "";
        Throwable cause = rootFailure;
        for (Throwable next = cause; next != null && isOfSpring(cause); next = cause.getCause()) {
            cause = next;
            if (cause instanceof BeanCreationException creation && creation.getBeanName() != null) {
                bean = creation.getBeanName();
            }
        }
        String message = cause.getMessage();
        boolean isOurs = bean.startsWith("allDocs") && !isOfSpring(cause);
        return isOurs && message != null ? new FailureAnalysis(message, action(message), cause) : null;
    }

    private static boolean isOfSpring(Throwable failure) {
        return failure.getClass().getName().startsWith("org.springframework.");
    }

    private static String action(String message) {
        List<String> properties = Variables.ALL.stream()
                .filter(each -> Pattern.compile("\\b" + each.name() + "\\b")
                        .matcher(message)
                        .find())
                .map(each -> each.property() + " sets " + each.name())
                .toList();
        return properties.isEmpty()
                ? "Correct the setting; the README of all-docs-spring-boot-starter lists the properties."
                : "Correct the setting. The property " + String.join(", the property ", properties) + ".";
    }
}
