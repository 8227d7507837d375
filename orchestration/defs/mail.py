"""Mail when a refresh fails, where a mail relay is configured."""

from __future__ import annotations

import dagster as dg

from clientele.settings import Settings


def failure_mail(settings: Settings) -> list[dg.SensorDefinition]:
    """The sensor that mails failures; none without a relay, sender and recipient."""
    if not (settings.smtp_host and settings.mail_from and settings.mail_to):
        return []
    return [
        dg.make_email_on_run_failure_sensor(
            email_from=settings.mail_from,
            email_password=settings.smtp_password,
            email_to=[address.strip() for address in settings.mail_to.split(",")],
            smtp_host=settings.smtp_host,
            smtp_user=settings.smtp_user or settings.mail_from,
            smtp_type="STARTTLS",
            email_subject_fn=lambda context: f"Clientele: refresh {context.dagster_run.run_id} failed",
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ]
