from django.urls import path

from recovery.views import contacts, desk, disputes, ladders, plans, steps

app_name = "recovery"
urlpatterns = [
    path("recouvrement/", desk.desk, name="desk"),
    path("recouvrement/journee", desk.day_report, name="day_report"),
    path("recouvrement/dossiers/", desk.case_list, name="case_list"),
    path("recouvrement/dossiers/<int:case_id>/", desk.case_page, name="case_page"),
    path("recouvrement/dossiers/<int:case_id>/appel", contacts.log_call, name="log_call"),
    path("recouvrement/dossiers/<int:case_id>/visite", contacts.log_visit, name="log_visit"),
    path("recouvrement/dossiers/<int:case_id>/pause", desk.pause_case, name="pause_case"),
    path("recouvrement/dossiers/<int:case_id>/reprendre", desk.resume_case, name="resume_case"),
    path("recouvrement/relances/", steps.triage, name="triage"),
    path("recouvrement/relances/a-envoyer", steps.action_list, name="action_list"),
    path("recouvrement/relances/<int:action_id>/", steps.send_step, name="send_step"),
    path("recouvrement/relances/<int:action_id>/issue", steps.settle_step, name="settle_step"),
    path("recouvrement/relances/<int:action_id>/courrier.pdf", steps.letter, name="letter"),
    path(
        "recouvrement/dossiers/<int:case_id>/autrement",
        steps.decide_otherwise,
        name="decide_otherwise",
    ),
    path("recouvrement/dossiers/<int:case_id>/passer", steps.leave_out, name="leave_out"),
    path("recouvrement/echeanciers/", plans.plan_list, name="plan_list"),
    path("recouvrement/echeanciers/<int:plan_id>/", plans.plan_page, name="plan_page"),
    path("recouvrement/echeanciers/<int:plan_id>/annuler", plans.cancel_plan, name="cancel_plan"),
    path("recouvrement/dossiers/<int:case_id>/echeancier", plans.agree_plan, name="agree_plan"),
    path(
        "recouvrement/dossiers/<int:case_id>/echeancier/apercu",
        plans.preview_plan,
        name="preview_plan",
    ),
    path("agences/<str:code>/echelle", ladders.set_ladder, name="set_ladder"),
    path("litiges/", disputes.dispute_list, name="dispute_list"),
    path("litiges/<int:dispute_id>/", disputes.dispute_page, name="dispute_page"),
    path("litiges/<int:dispute_id>/suite", disputes.advance_dispute, name="advance_dispute"),
    path("litiges/pieces/<int:step_id>", disputes.evidence, name="evidence"),
    path("locataires/<int:tenant_id>/contester", disputes.file_dispute, name="file_dispute"),
    path("recouvrement/promesses/", contacts.promise_list, name="promise_list"),
    path(
        "recouvrement/promesses/<int:promise_id>/corriger",
        contacts.correct_promise,
        name="correct_promise",
    ),
    path(
        "recouvrement/promesses/<int:promise_id>/annuler",
        contacts.cancel_promise,
        name="cancel_promise",
    ),
]
